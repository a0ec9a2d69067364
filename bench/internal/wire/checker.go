package wire

import (
	"bytes"
	"errors"
	"fmt"
)

// sampleEvery is how many messages come to one whose payload is compared byte for byte. Length,
// opcode and number are checked for all of them. It is prime, so that the samples visit every slot of a ring.
const sampleEvery = 13

// Errors of Checker.Feed, apart from ErrInflate and those of a malformed header.
var (
	ErrOpcode  = errors.New("wire: echo with another opcode than the message had")
	ErrLength  = errors.New("wire: echo with another length than the message had")
	ErrPayload = errors.New("wire: echo with another payload than the message had, or out of order")
)

// Checker counts the messages in the stream one server sends on one connection, and refuses a stream that is not the
// echo of a Ring's messages in order. Echoes may be fragmented and cut anywhere. It is for one goroutine at a time.
type Checker struct {
	ring      *Ring
	slot      int // of the message being received
	unsampled int // messages until the next sample

	head    headerBuffer // of the frame being received, while it is incomplete
	left    int          // payload bytes of the frame still to come
	got     int          // payload bytes of the message received
	inFrame bool         // the header is complete, its payload is not
	started bool         // a fragment of the message was received
	fin     bool         // of the frame being received

	deflated *deflatedChecker // does it all, where the ring is compressed
}

// NewChecker returns the Checker of connection i, from 0, which expects what NewSender(i) sends.
func (r *Ring) NewChecker(i int) Checker {
	if r.deflated != nil {
		return Checker{ring: r, deflated: newDeflatedChecker(r, i)}
	}
	return Checker{ring: r, slot: r.start(i)}
}

// Feed takes the next bytes of the stream and returns how many messages they complete. It keeps nothing of p. After an
// error the Checker is of no more use.
func (c *Checker) Feed(p []byte) (messages int, err error) {
	if c.deflated != nil {
		return c.deflated.feed(p)
	}
	header, size := c.ring.header, c.ring.shape.Size
	for len(p) > 0 {
		// Nearly every echo is one whole frame in its shortest form, and comparing that header is all it needs.
		if c.head.n == 0 && !c.inFrame && !c.started && len(p)-len(header) >= size && bytes.HasPrefix(p, header) {
			p = p[len(header):]
			if err := c.compare(p[:size]); err != nil {
				return messages, err
			}
			p = p[size:]
			c.next()
			messages++
			continue
		}
		n, ended, err := c.step(p)
		if err != nil {
			return messages, err
		}
		p = p[n:]
		if ended {
			c.next()
			messages++
		}
	}
	return messages, nil
}

// PayloadBytes returns how many bytes of payload, as compressed, the messages counted so far had. It is 0 without
// compression, where each has Shape.Size.
func (c *Checker) PayloadBytes() int64 {
	if c.deflated == nil {
		return 0
	}
	return c.deflated.counted
}

// step takes one header byte or a piece of payload, and tells whether the message is complete with it.
func (c *Checker) step(p []byte) (n int, ended bool, err error) {
	if !c.inFrame {
		if !c.head.add(p[0]) {
			return 1, false, nil
		}
		if err := c.begin(); err != nil {
			return 0, false, err
		}
		n = 1
	}
	piece := p[n:min(len(p), n+c.left)]
	if err := c.compare(piece); err != nil {
		return 0, false, err
	}
	c.got += len(piece)
	c.left -= len(piece)
	n += len(piece)
	if c.left > 0 {
		return n, false, nil
	}
	c.inFrame = false
	if !c.fin {
		return n, false, nil
	}
	if c.got != c.ring.shape.Size {
		return 0, false, fmt.Errorf("%w: %d bytes; want %d", ErrLength, c.got, c.ring.shape.Size)
	}
	return n, true, nil
}

// begin checks the header that is now complete and starts on its payload.
func (c *Checker) begin() error {
	fin, op, length, err := parseHeader(c.head.take(), 0)
	if err != nil {
		return err
	}
	want := c.ring.shape.Op
	if c.started {
		want = Continuation
	}
	if op != want {
		return fmt.Errorf("%w: %d; want %d", ErrOpcode, op, want)
	}
	if length > uint64(c.ring.shape.Size-c.got) {
		return fmt.Errorf("%w: a frame of %d bytes after %d; want %d in all", ErrLength, length, c.got, c.ring.shape.Size)
	}
	c.left, c.fin, c.inFrame, c.started = int(length), fin, true, true
	return nil
}

// compare checks a piece of the present message, c.got bytes into it, if that message is a sample.
func (c *Checker) compare(piece []byte) error {
	if c.unsampled > 0 {
		return nil
	}
	if want := c.ring.payloads[c.slot][c.got:]; !bytes.HasPrefix(want, piece) {
		return fmt.Errorf("%w (message of slot %d, after %d bytes)", ErrPayload, c.slot, c.got)
	}
	return nil
}

// next goes on to the next message.
func (c *Checker) next() {
	c.got, c.started = 0, false
	if c.unsampled == 0 {
		c.unsampled = sampleEvery
	}
	c.unsampled--
	if c.slot++; c.slot == c.ring.slots {
		c.slot = 0
	}
}

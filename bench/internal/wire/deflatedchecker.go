package wire

import (
	"bytes"
	"errors"
	"fmt"
)

// followEvery is how many connections come to one whose echoes are all inflated, with context takeover: a message can then not
// be inflated without all those before it.
const followEvery = 50

// ErrPlain is the error of an echo that was not compressed. RFC 7692 section 6 allows that; a server that does it is not measured
// at compressing.
var ErrPlain = errors.New("wire: echo that is not compressed, where compression was agreed on")

// deflatedChecker is what Checker is, for the echoes of a compressed ring. Whatever the server's compressor makes of a message is
// right, if it inflates to the message; so each echo's frames are checked and counted, and what a sample of them inflates to:
// one message of 13 by itself, or with context takeover every message of one connection of 50.
type deflatedChecker struct {
	ring      *Ring
	slot      int    // of the message being received
	unsampled int    // messages until the next sample; below 0: there is none
	dict      []byte // what the next message may refer to, with context takeover
	counted   int64  // payload bytes of the messages received

	head    headerBuffer // of the frame being received, while it is incomplete
	left    int          // payload bytes of the frame still to come
	got     int          // payload bytes of the message's frames begun
	inFrame bool         // the header is complete, its payload is not
	started bool         // a frame of the message was begun
	fin     bool         // of the frame being received

	body []byte // of the message received, if it is a sample
	out  []byte // what the last sample inflated to
}

func newDeflatedChecker(r *Ring, i int) *deflatedChecker {
	c := &deflatedChecker{ring: r, slot: r.start(i)}
	if r.shape.Compression == Takeover && i%followEvery != 0 {
		c.unsampled = -1
	}
	return c
}

func (c *deflatedChecker) feed(p []byte) (messages int, err error) {
	for len(p) > 0 {
		if !c.inFrame {
			complete := c.head.add(p[0])
			p = p[1:]
			if !complete {
				continue
			}
			if err := c.begin(); err != nil {
				return messages, err
			}
		}
		n := min(len(p), c.left)
		if c.unsampled == 0 {
			c.body = append(c.body, p[:n]...)
		}
		p = p[n:]
		if c.left -= n; c.left > 0 {
			break
		}
		c.inFrame = false
		if !c.fin {
			continue
		}
		if err := c.end(); err != nil {
			return messages, err
		}
		messages++
	}
	return messages, nil
}

// begin checks the header that is now complete and starts on its payload. RSV1 belongs to the first frame of a message alone
// (RFC 7692 section 6.1).
func (c *deflatedChecker) begin() error {
	head := c.head.take()
	want, allowed := c.ring.shape.Op, byte(rsv1Bit)
	if c.started {
		want, allowed = Continuation, 0
	}
	fin, op, length, err := parseHeader(head, allowed)
	if err != nil {
		return err
	}
	if op != want {
		return fmt.Errorf("%w: %d; want %d", ErrOpcode, op, want)
	}
	if head[0]&allowed != allowed {
		return ErrPlain
	}
	// A compressor that finds nothing to save adds a few bytes per block, and a byte in eight where it has one fixed code only.
	size := c.ring.shape.Size
	if most := size + size/4 + 1024; length > uint64(most-c.got) {
		return fmt.Errorf("%w: a frame of %d compressed bytes after %d; want %d in all at the most", ErrLength, length, c.got, most)
	}
	c.got += int(length)
	c.left, c.fin, c.inFrame, c.started = int(length), fin, true, true
	return nil
}

// end checks the message that is now complete, if it is a sample, and goes on to the next.
func (c *deflatedChecker) end() error {
	if c.unsampled == 0 {
		if err := c.compare(); err != nil {
			return fmt.Errorf("%w (message of slot %d)", err, c.slot)
		}
	}
	c.counted += int64(c.got)
	c.got, c.started, c.body = 0, false, c.body[:0]
	if c.ring.shape.Compression == NoTakeover {
		if c.unsampled == 0 {
			c.unsampled = sampleEvery
		}
		c.unsampled--
	}
	if c.slot++; c.slot == c.ring.slots {
		c.slot = 0
	}
	return nil
}

// compare inflates body and holds it against what was sent.
func (c *deflatedChecker) compare() (err error) {
	want := c.ring.payloads[c.slot]
	if c.out, err = inflate(c.out[:0], c.body, c.dict, len(want)); err != nil {
		return err
	}
	if len(c.out) != len(want) {
		return fmt.Errorf("%w: %d bytes; want %d", ErrLength, len(c.out), len(want))
	}
	if !bytes.Equal(c.out, want) {
		return ErrPayload
	}
	if c.ring.shape.Compression == Takeover {
		c.dict = append(c.dict, want...)
		c.dict = c.dict[max(len(c.dict)-window(c.ring.shape.ServerMaxWindowBits), 0):]
	}
	return nil
}

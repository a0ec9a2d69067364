//go:build linux

package pace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// conn is one connection of a Client.
type conn struct {
	number    uint32
	fd        int // -1 once it has ended
	sent      uint64
	expected  uint64          // number of the message whose echo is next
	sentAt    []time.Duration // on the client's clock, of the messages from expected to sent
	assembler wire.Assembler
}

// errFull ends a connection: so little is under way on each that a socket without room means a server that has stopped reading.
var errFull = errors.New("pace: the socket takes no more")

// send writes the next message, in one piece. buf is scratch space, returned as it has grown.
func (c *conn) send(buf []byte, most int, now time.Duration) ([]byte, error) {
	message := appendMessage(buf[:0], c.number, c.sent, most)
	frame := wire.AppendMasked(message, wire.Binary, message, uint32(mix(c.sent)))
	due := frame[len(message):]
	c.sent++
	c.sentAt = append(c.sentAt, now)
	for {
		n, err := unix.Write(c.fd, due)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN || err == nil && n < len(due):
			return frame, errFull
		case err != nil:
			return frame, fmt.Errorf("pace: write: %w", err)
		}
		return frame, nil
	}
}

// receive reads once and checks what that completes. An error ends the connection.
func (c *conn) receive(buf []byte, most int, clock func() time.Duration, r *Result) error {
	n, err := unix.Read(c.fd, buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return nil
	case err != nil:
		return fmt.Errorf("pace: read: %w", err)
	case n == 0:
		return fmt.Errorf("pace: read: the server closed the connection: %w", io.ErrUnexpectedEOF)
	}
	now := clock()
	return c.assembler.Feed(buf[:n], func(op byte, payload []byte) error {
		if op == wire.Close {
			var code uint16
			if len(payload) >= 2 {
				code = binary.BigEndian.Uint16(payload)
			}
			return fmt.Errorf("pace: the server closed the connection with code %d", code)
		}
		c.check(op, payload, most, now, r)
		return nil
	})
}

// check holds an echo against the message that is expected.
func (c *conn) check(op byte, payload []byte, most int, now time.Duration, r *Result) {
	if op == wire.Binary && c.expected < c.sent && bytes.Equal(payload, appendMessage(nil, c.number, c.expected, most)) {
		r.Echoed++
		r.Latency.Record(now - c.sentAt[0])
		c.pass(1)
		return
	}
	number, seq, ok := parseMessage(payload)
	switch {
	case !ok || op != wire.Binary:
		r.Wrong++
		r.note(fmt.Errorf("connection %d: %d bytes of opcode %d for the echo of message %d", c.number, len(payload), op, c.expected))
		c.pass(min(1, c.sent-c.expected)) // it stood for that echo
	case number != c.number:
		r.Crossed++
		r.note(fmt.Errorf("connection %d: message %d of connection %d for the echo of message %d", c.number, seq, number, c.expected))
	case seq < c.expected || seq >= c.sent:
		r.Wrong++
		r.note(fmt.Errorf("connection %d: message %d for the echo of message %d", c.number, seq, c.expected))
	case seq > c.expected:
		r.Lost += int64(seq - c.expected)
		r.note(fmt.Errorf("connection %d: message %d before the echo of message %d", c.number, seq, c.expected))
		c.pass(seq - c.expected)
		c.check(op, payload, most, now, r)
	default: // the numbers and the checksum of the message expected, but not its bytes
		r.Wrong++
		r.note(fmt.Errorf("connection %d: the echo of message %d is another message", c.number, seq))
		c.pass(1)
	}
}

// pass goes on behind the next n messages.
func (c *conn) pass(n uint64) {
	c.expected += n
	if c.sentAt = c.sentAt[n:]; len(c.sentAt) == 0 {
		c.sentAt = nil
	}
}

// waiting returns how many echoes are to come.
func (c *conn) waiting() int64 { return int64(c.sent - c.expected) }

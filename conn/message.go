package conn

import (
	"bytes"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/frame"
)

// Message is a data message. Data lies in the connection's own memory, where it may be changed, and is valid until the next call that reads from the
// connection or, in a callback, until the callback returns. Race builds overwrite it then. Clone and Detach keep it for longer.
type Message struct {
	Op   frame.Opcode // frame.Text or frame.Binary
	Data []byte

	c *Conn
}

// Clone returns a copy of the data, which is the caller's.
func (m Message) Clone() []byte { return bytes.Clone(m.Data) }

// Detach makes the caller the owner of the data, in B of the buffer returned, until it calls Release. Where nothing that was not read yet lies
// beside the message, no byte is copied; else the shorter of the two is. Call it once, while the
// message is valid; m.Data stays readable as long as the buffer is held, or as long as it was before, whichever ends first.
func (m Message) Detach() *bufpool.Buffer {
	if m.c != nil {
		if b := m.c.detach(m.Data); b != nil {
			return b
		}
	}
	b := bufpool.Get(len(m.Data))
	b.B = append(b.B, m.Data...)
	return b
}

// detach gives the buffer that data lies in away, if this goroutine can have the reading side to itself for
// that moment; a Shutdown that took it over is still reading.
func (c *Conn) detach(data []byte) *bufpool.Buffer {
	lent := c.reading.Load()
	if lent == held || lent == fed || !c.reading.CompareAndSwap(lent, held) {
		return nil
	}
	defer c.leave(lent)
	in := c.in
	if in == nil { // a driven connection's message is over
		return nil
	}
	b := in.whole
	switch {
	case b != nil:
		in.whole = nil
	case in.buf == nil:
		return nil
	case len(in.rest) > len(data):
		return nil
	default:
		b = in.buf
		in.buf = nil
		if len(in.rest) > 0 {
			in.buf = bufpool.Get(len(in.rest))
			in.buf.B = append(in.buf.B, in.rest...)
			in.rest = in.buf.B
		}
	}
	in.message = nil
	b.B = data
	return b
}

package conn

import (
	"io"
	"reflect"

	"github.com/laminar-ws/laminar/bufpool"
)

// ReaderGrace is how long a Shutdown leaves a message to a reader that may come.
const ReaderGrace = readerGrace

// Held returns how many bytes of buffers the receiving side holds. Nobody may be reading, or the reader must be waiting, in a synctest bubble.
func (c *Conn) Held() int {
	n := 0
	if c.in == nil {
		return 0
	}
	for _, b := range []*bufpool.Buffer{c.in.buf, c.in.whole} {
		if b != nil {
			n += cap(b.B)
		}
	}
	if c.in.left != nil {
		n += cap(c.in.left.buf.B)
	}
	if c.in.asm.Open() {
		n += assembled(c).Cap()
	}
	return n
}

// HasInput reports whether a driven connection has a receiving side at the moment. Call it as Held.
func HasInput(c *Conn) bool { return c.in != nil }

// Received returns how many bytes of an unfinished message the receiving side has put together, and how many are still to come of the current
// frame. Call it as Held.
func (c *Conn) Received() (have int, left int64) {
	if c.in.asm.Open() {
		have = assembled(c).Len()
	}
	return have, c.in.rcv.Remaining()
}

func assembled(c *Conn) reflect.Value {
	return reflect.ValueOf(&c.in.asm).Elem().FieldByName("buf").Elem().FieldByName("B")
}

// Transport returns what New was given.
func Transport(c *Conn) io.ReadWriteCloser { return c.t.w.(io.ReadWriteCloser) }

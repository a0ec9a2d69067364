package conn

import (
	"context"

	"github.com/laminar-ws/laminar/bufpool"
)

// leftRead is a read of a transport that has no read deadline. The goroutine that does it ends when the transport's Read
// returns; where the caller could not wait for that, the next read of the connection takes its bytes.
type leftRead struct {
	done chan struct{}
	buf  *bufpool.Buffer
	err  error
}

func startRead(t *transport, size int) *leftRead {
	l := &leftRead{done: make(chan struct{}), buf: bufpool.Get(size)}
	go func() {
		defer close(l.done)
		var n int
		for n == 0 && l.err == nil {
			n, l.err = t.read(l.buf.B[:cap(l.buf.B)])
		}
		l.buf.B = l.buf.B[:n]
	}()
	return l
}

// readLeft reads by way of a leftRead: the one that was left, or a new one.
func (c *Conn) readLeft(ctx context.Context, dst []byte) (int, error) {
	in := c.in
	if in.left == nil {
		in.left = startRead(&c.t, in.size)
	}
	select {
	case <-in.left.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	l := in.left
	if len(l.buf.B) == 0 {
		return 0, l.err // and again, if asked again
	}
	if dst == nil {
		in.left = nil
		in.buf = l.buf
		return len(l.buf.B), nil
	}
	n := copy(dst, l.buf.B)
	l.buf.B = l.buf.B[n:]
	if len(l.buf.B) == 0 {
		in.left = nil
		l.buf.Release()
	}
	return n, nil
}

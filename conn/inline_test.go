package conn_test

import (
	"io"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// inline is the simplest loop, on the goroutine that reads, for transports whose writes do not wait for long. Of every second write it takes a part only.
type inline struct {
	io.ReadWriteCloser
	writes  int
	blocked bool
	closed  bool
}

func (l *inline) Write(p []byte) (int, error) {
	if l.blocked {
		panic("a write after ErrWouldBlock")
	}
	part := p
	if l.writes++; l.writes%2 == 0 {
		part = p[:len(p)/2]
	}
	n, err := l.ReadWriteCloser.Write(part)
	if err == nil && n < len(p) {
		l.blocked = true
		err = conn.ErrWouldBlock
	}
	return n, err
}

func (l *inline) Close() error {
	l.closed = true
	return l.ReadWriteCloser.Close()
}

// feed reads all messages of c, as a reading.
func feed(c *conn.Conn, take func(op frame.Opcode, data []byte)) error {
	l := &inline{ReadWriteCloser: conn.Transport(c)}
	d, err := c.Drive(l, &conn.Events{OnMessage: func(_ *conn.Conn, m conn.Message) { take(m.Op, m.Data) }})
	if err != nil {
		return err
	}
	buf := make([]byte, 5000)
	for {
		n, err := l.Read(buf)
		d.Feed(buf[:n])
		clear(buf) // it was only lent
		for done := err == nil || d.End(err); !done || l.blocked; done = err == nil || l.closed && d.End(nil) {
			l.blocked = false
			d.Writable()
		}
		if err != nil {
			return end(c)
		}
	}
}

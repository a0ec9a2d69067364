package conn_test

import (
	"io"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
)

// loop is an event loop for one connection, over any transport that waits: a goroutine that reads, one that writes what is in a buffer of room bytes, and the
// caller's, which owns the Driver. It gives out what comes in parts of at most part bytes.
type loop struct {
	rw         io.ReadWriteCloser
	room, part int

	input  chan []byte
	inputs chan error // why there is no more input
	events chan struct{}

	mu       sync.Mutex // guards the fields below
	changed  sync.Cond
	buf      []byte
	blocked  bool // ErrWouldBlock was returned
	writable bool // and since then there was room
	half     bool // CloseWrite was called
	closed   bool
	err      error // of writing
}

// drive turns c into a driven connection and runs it to its end, which it returns.
func drive(c *conn.Conn, ev *conn.Events, room, part int) error {
	l, d, err := newLoop(c, ev, room, part)
	if err != nil {
		return err
	}
	return l.run(d)
}

func newLoop(c *conn.Conn, ev *conn.Events, room, part int) (*loop, *conn.Driver, error) {
	l := &loop{rw: conn.Transport(c), room: room, part: part,
		input: make(chan []byte), inputs: make(chan error, 1), events: make(chan struct{}, 1)}
	l.changed.L = &l.mu
	d, err := c.Drive(l, ev)
	return l, d, err
}

// run owns d until its end.
func (l *loop) run(d *conn.Driver) error {
	done := make(chan struct{})
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(done)
	workers.Go(func() { l.read(done) })
	workers.Go(l.write)
	ended := false
	defer func() {
		if !ended { // a function has ended this goroutine, and not its connection
			l.own(d)
		}
	}()
	d.Feed(nil)
	err := l.own(d)
	ended = true
	return err
}

// own feeds d until its end.
func (l *loop) own(d *conn.Driver) error {
	for {
		input, inputs := l.input, l.inputs
		if d.Paused() {
			input, inputs = nil, nil
		}
		select {
		case p := <-input:
			for len(p) > 0 {
				n := min(len(p), l.part)
				d.Feed(p[:n:n])
				clear(p[:n]) // it was only lent
				p = p[n:]
			}
		case err := <-inputs:
			l.inputs = nil
			if d.End(err) {
				return end(d.Conn())
			}
		case <-l.events:
			l.mu.Lock()
			writable, closed := l.writable, l.closed
			l.writable = false
			l.mu.Unlock()
			if closed {
				if !d.End(nil) {
					panic("a driver whose transport is closed does not end")
				}
				return end(d.Conn())
			}
			if writable {
				d.Writable()
			}
		}
	}
}

// serving is a way to have the events of a connection handled, to its end, which it returns.
type serving struct {
	name   string
	all    func(c *conn.Conn, ev *conn.Events) error
	driven bool
}

var servings = []serving{
	{"Serve", func(c *conn.Conn, ev *conn.Events) error { return c.Serve(t0, ev) }, false},
	{"driven", func(c *conn.Conn, ev *conn.Events) error { return drive(c, ev, 1<<20, 1<<20) }, true},
	{"driven, in small parts, with little room", func(c *conn.Conn, ev *conn.Events) error { return drive(c, ev, 100, 7) }, true},
}

func eachServing(t *testing.T, f func(t *testing.T, s serving)) {
	for _, s := range servings {
		t.Run(s.name, func(t *testing.T) { f(t, s) })
	}
}

// end returns why c has ended.
func end(c *conn.Conn) error {
	_, err := c.Read(t0)
	return err
}

func (l *loop) read(done chan struct{}) {
	for {
		p := make([]byte, 5000)
		n, err := l.rw.Read(p)
		if n > 0 {
			select {
			case l.input <- p[:n]:
			case <-done:
				return
			}
		}
		if err != nil {
			l.inputs <- err
			return
		}
	}
}

// write writes what is in the buffer until the transport is closed.
func (l *loop) write() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		for len(l.buf) == 0 && !l.half && !l.closed {
			l.changed.Wait()
		}
		p := l.buf
		half := l.half
		closed := l.closed
		l.mu.Unlock()
		if len(p) > 0 {
			_, err := l.rw.Write(p)
			l.mu.Lock()
			if err != nil {
				l.err = err
			}
		} else {
			if closed {
				l.rw.Close()
			} else if w, ok := l.rw.(interface{ CloseWrite() error }); half && ok {
				w.CloseWrite()
			}
			l.mu.Lock()
		}
		if len(p) == 0 && closed {
			return
		}
		l.half = l.half && len(p) > 0
		l.buf = append([]byte(nil), l.buf[len(p):]...)
		if l.err != nil {
			l.buf = nil
		}
		if l.blocked && len(l.buf) < l.room {
			l.blocked, l.writable = false, true
			l.tell()
		}
	}
}

func (l *loop) tell() {
	select {
	case l.events <- struct{}{}:
	default:
	}
}

func (l *loop) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return 0, l.err
	case l.closed:
		return 0, io.ErrClosedPipe
	case l.blocked:
		panic("a write after ErrWouldBlock")
	}
	n := min(len(p), max(l.room-len(l.buf), 0))
	l.buf = append(l.buf, p[:n]...)
	l.changed.Signal()
	if n < len(p) {
		l.blocked = true
		return n, conn.ErrWouldBlock
	}
	return n, nil
}

func (l *loop) CloseWrite() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.half = true
	l.changed.Signal()
	return nil
}

func (l *loop) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		panic("a transport that is closed twice")
	}
	l.closed = true // what is in the buffer is still sent, as by a kernel
	if d, ok := l.rw.(interface{ SetWriteDeadline(time.Time) error }); ok {
		d.SetWriteDeadline(time.Now().Add(time.Second))
	}
	l.changed.Signal()
	l.tell()
	return nil
}

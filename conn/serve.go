package conn

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
)

// Events are the functions that Serve calls, one at a time. Those that are nil are skipped. The same Events may serve
// any number of connections. Bytes that a function is given are valid until it returns.
type Events struct {
	OnOpen    func(c *Conn)            // before anything else
	OnMessage func(c *Conn, m Message) // a data message
	OnPing    func(c *Conn, p []byte)  // a ping, whose pong is on its way
	OnPong    func(c *Conn, p []byte)  // a pong, asked for or not
	OnDrain   func(c *Conn)            // a driven connection's transport has taken all, after it had not: see Options.WriteQueue
	OnClose   func(c *Conn, err error) // once, last, with the error that Serve returns
}

// server is one run of Serve, or of what a Driver was fed.
type server struct {
	c     *Conn
	ev    *Events
	away  bool  // in a callback, with the reading side lent
	taken bool  // a Shutdown took the reading side over
	err   error // why the connection ended
}

// Serve reads from the connection until it ends and calls ev's functions for what comes. It returns why the connection ended, as Read
// does: for a closing handshake a *CloseError. When ctx ends, the connection is shut down with code 1001, as by Shutdown.
//
// A function that panics, or ends its goroutine, ends the connection with code 1011 and is reported to Options.ErrorLog; a panic does not
// end the program. OnClose is called in every case but one, where Serve is refused because another goroutine reads; alone, where the
// connection ended before Serve began.
func (c *Conn) Serve(ctx context.Context, ev *Events) error {
	if ev == nil {
		ev = &Events{}
	}
	s := &server{c: c, ev: ev}
	if err := c.enter(background); err != nil { // a Shutdown reads, and has bounds of its own
		if err != errConcurrentRead && err != errDriven {
			s.onClose(err)
		}
		return err
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { c.shutdownInTime(closecode.GoingAway) })
		defer stop()
	}
	defer func() { // a function that ends its goroutine comes by here, too
		if !s.taken {
			c.in.retire()
			c.in.drop()
			c.in.asm.Drop()
			c.leave(free)
		}
		s.onClose(s.err)
	}()
	s.run(s.loop)
	return s.err
}

func (s *server) onClose(err error) {
	if s.ev.OnClose == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			s.c.report(p)
		}
	}()
	s.ev.OnClose(s.c, err)
}

// run runs work, which calls functions, and sees to it that the connection ends where one of them panics.
func (s *server) run(work func() error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		p := recover()
		if p == nil {
			p = "runtime.Goexit"
		}
		s.c.report(p)
		s.err = s.panicked()
	}()
	s.err = work()
	returned = true
}

// open calls OnOpen. It returns false when the connection has ended meanwhile.
func (s *server) open() bool {
	if s.ev.OnOpen == nil {
		return true
	}
	s.lend()
	s.ev.OnOpen(s.c)
	return s.back()
}

// loop reads and calls until the connection has ended, with the transport closed.
func (s *server) loop() error {
	c := s.c
	if err := c.finishLast(background); err != nil {
		return err
	}
	if !s.open() {
		return c.ended()
	}
	for {
		ev, err := c.message(background)
		if err != nil {
			return err
		}
		if ev.Kind != endpoint.Data {
			if err := c.control(background, ev); err != nil {
				return err
			}
		}
		if !s.call(ev) {
			return c.ended()
		}
	}
}

// call hands the event to its function. It returns false when the connection has ended meanwhile: nothing more is handed out then.
func (s *server) call(ev endpoint.Event) bool {
	c := s.c
	switch {
	case ev.Kind == endpoint.Data && s.ev.OnMessage != nil:
		c.cork()
		s.lend()
		s.ev.OnMessage(c, Message{Op: ev.Op, Data: ev.Data, c: c})
	case ev.Kind == endpoint.Ping && s.ev.OnPing != nil:
		c.in.message = ev.Data
		s.lend()
		s.ev.OnPing(c, ev.Data)
	case ev.Kind == endpoint.Pong && s.ev.OnPong != nil:
		c.in.message = ev.Data
		s.lend()
		s.ev.OnPong(c, ev.Data)
	default:
		c.in.retire()
		return true
	}
	if !s.back() {
		return false
	}
	c.in.retire()
	return true
}

// lend lets a Shutdown take the reading side over, until back is called.
func (s *server) lend() {
	s.away = true
	if s.c.reading.CompareAndSwap(fed, called) {
		return
	}
	s.c.leave(lent)
}

// back takes the reading side again after a callback. It returns false where the connection has ended meanwhile, or a Shutdown is about to
// end it: then the transport is closed when it returns.
func (s *server) back() bool {
	c := s.c
	s.away = false
	if c.reading.CompareAndSwap(called, fed) {
		return !c.is(over)
	}
	s.taken = !c.reclaim()
	if !s.taken && !c.is(over) {
		return true
	}
	c.waitClosed(background)
	return false
}

// reclaim takes the reading side again that was lent. Where a Shutdown has it, that gives it back when a message comes, or keeps it until the
// connection has ended, which is reported as false.
func (c *Conn) reclaim() bool {
	if c.reading.CompareAndSwap(lent, held) {
		return true
	}
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	for !c.reading.CompareAndSwap(lent, held) {
		if o.closed {
			return false
		}
		o.waitLocked(background)
	}
	return true
}

// panicked ends the connection after a function has panicked.
func (s *server) panicked() error {
	c := s.c
	if s.away && !s.back() {
		return c.ended()
	}
	if c.is(shutting) && !c.isDriven() { // the Close frame is sent, and someone sees to the rest
		s.taken = true
		c.leave(free)
		c.waitClosed(background)
		return c.ended()
	}
	c.out.mu.Lock()
	return c.finish(background, &endError{errPanic}, closecode.InternalError, "")
}

func (c *Conn) report(p any) {
	log := c.opts.ErrorLog
	if log == nil {
		log = slog.Default()
	}
	log.Error("websocket: panic in a callback", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

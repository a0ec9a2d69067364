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
	OnClose   func(c *Conn, err error) // once, last, with the error that Serve returns
}

// server is one run of Serve.
type server struct {
	c     *Conn
	ev    *Events
	taken bool // a Shutdown took the reading side over
}

// Serve reads from the connection until it ends and calls ev's functions for what comes. It returns why the connection ended, as Read
// does: for a closing handshake a *CloseError. When ctx ends, the connection is shut down with code 1001, as by Shutdown.
//
// A function that panics ends the connection with code 1011, is reported to Options.ErrorLog, and does not end the program.
func (c *Conn) Serve(ctx context.Context, ev *Events) (err error) {
	if err := c.enter(ctx); err != nil {
		return err
	}
	if ev == nil {
		ev = &Events{}
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, func() { c.Shutdown(background, closecode.GoingAway, "") })
		defer stop()
	}
	s := &server{c: c, ev: ev}
	err = s.run()
	if !s.taken {
		c.in.retire()
		c.in.drop()
		c.in.asm.Drop()
		c.leave(free)
	}
	if ev.OnClose != nil {
		defer func() {
			if p := recover(); p != nil {
				c.report(p)
			}
		}()
		ev.OnClose(c, err)
	}
	return err
}

// run reads and calls until the connection has ended, with the transport closed.
func (s *server) run() (err error) {
	c := s.c
	defer func() {
		if p := recover(); p != nil {
			c.report(p)
			err = s.panicked()
		}
	}()
	if err := c.finishLast(background); err != nil {
		return err
	}
	if s.ev.OnOpen != nil {
		c.leave(lent)
		s.ev.OnOpen(c)
		if !s.back() {
			return c.ended()
		}
	}
	for {
		ev, err := c.message(background)
		if err != nil {
			return err
		}
		if ev.Kind != endpoint.Data {
			if err := c.control(ev); err != nil {
				return err
			}
		}
		if !s.call(ev) {
			return c.ended()
		}
	}
}

// call hands the event to its function. It returns false when the connection has ended meanwhile.
func (s *server) call(ev endpoint.Event) bool {
	c := s.c
	switch {
	case ev.Kind == endpoint.Data:
		if s.ev.OnMessage != nil {
			c.cork()
			c.leave(lent)
			s.ev.OnMessage(c, Message{Op: ev.Op, Data: ev.Data, c: c})
			if !s.back() {
				return false
			}
		}
		c.in.retire()
	case ev.Kind == endpoint.Ping && s.ev.OnPing != nil:
		c.leave(lent)
		s.ev.OnPing(c, ev.Data)
		return s.back()
	case ev.Kind == endpoint.Pong && s.ev.OnPong != nil:
		c.leave(lent)
		s.ev.OnPong(c, ev.Data)
		return s.back()
	}
	return true
}

// back takes the reading side again after a callback. It returns false where a Shutdown has it, or had it: then it waits for
// the connection's end.
func (s *server) back() bool {
	c := s.c
	if c.reading.CompareAndSwap(lent, held) {
		return true
	}
	s.taken = true
	c.waitClosed()
	return false
}

// panicked ends the connection after a function has panicked.
func (s *server) panicked() error {
	c := s.c
	if c.reading.Load() != held && !s.back() {
		return c.ended()
	}
	c.out.mu.Lock()
	return c.finish(&endError{errPanic}, closecode.InternalError, "")
}

func (c *Conn) report(p any) {
	log := c.opts.ErrorLog
	if log == nil {
		log = slog.Default()
	}
	log.Error("websocket: panic in a callback", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

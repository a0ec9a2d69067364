package server

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

// Adopt takes over a connection that Accept or Upgrade has returned and nobody reads from, and serves it with ev's functions, or with the server's Events where ev is
// nil. It does not wait. From then on the connection is one of the server's: Shutdown and Close end it, too.
//
// With Loops, the connection moves to an event loop if its transport is a *net.TCPConn or a *net.UnixConn, or came by this server's ServeTLS; what
// Conn.NetConn returns changes with that. Otherwise, as with net/http's own TLS, a goroutine serves it.
//
// Where the server has ended, c is closed and the error is http.ErrServerClosed. Where c has ended, OnClose alone is called.
func (s *Server) Adopt(c *conn.Conn, ev *conn.Events) error {
	if !s.track(func() { s.running.Add(1) }) {
		c.Close()
		return http.ErrServerClosed
	}
	if ev == nil {
		ev = s.Events
	}
	moved, err := s.move(c, ev)
	switch {
	case err != nil:
		s.running.Done()
		return err
	case !moved:
		s.keep(c, func() { c.Serve(background, ev) })
	}
	return nil
}

// move makes a loop drive c, which counts as running, if loops can.
func (s *Server) move(c *conn.Conn, ev *conn.Events) (moved bool, err error) {
	if !s.onLoops() {
		return false, nil
	}
	nc := c.NetConn()
	tc, _ := nc.(*tls.Conn)
	var below *swappable
	if tc != nil {
		if below, _ = tc.NetConn().(*swappable); below == nil {
			return false, nil
		}
		nc = below.now()
	}
	raw, kind, ok := stream(nc)
	if !ok {
		return false, nil
	}
	g, err := s.group()
	if err != nil {
		return false, nil // it ends where it is
	}
	fd, err := duplicate(raw)
	if err != nil {
		return false, nil // such as too many open files, or because it is closed
	}
	sock := newSocket(g.pick(), fd, peerOf(fd), kind|opened|readable)
	if err := sock.take(c, ev, tc, below); err != nil {
		poll.Close(fd)
		if errors.Is(err, net.ErrClosed) {
			err = nil // c has ended, and a goroutine will say so
		}
		return false, err
	}
	nc.Close() // the duplicate goes on
	if err := sock.loop.admit(sock); err != nil {
		sock.end(err)
	} else {
		sock.handOn()
	}
	return true, nil
}

// take makes s the transport of c or, over TLS, what lies below it.
func (s *socket) take(c *conn.Conn, ev *conn.Events, tc *tls.Conn, below *swappable) (err error) {
	s.mu.Lock() // who writes as soon as s can be written to waits for the rest
	defer s.mu.Unlock()
	if tc == nil {
		s.driver, err = c.Drive(s, ev)
		return err
	}
	t := &secure{socket: s, tls: tc}
	if s.driver, err = c.Drive(t, ev); err != nil {
		return err
	}
	s.extra = &extra{secure: t}
	below.swap(ciphertext{t})
	return nil
}

// acceptsOnLoops reports whether loops can accept l's connections.
func acceptsOnLoops(l net.Listener) bool {
	_, _, ok := stream(l)
	return ok
}

package server

import (
	"context"
	"maps"
	"net"
	"slices"
	"sync"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
)

// Shutdown ends the server: it stops listening, ends connections that have not finished their opening handshake, shuts down all others
// with code 1001, and waits until they are gone and their handlers have returned. When ctx ends first, the connections that are left
// are closed at once and ctx's error is returned. A client that does not answer costs at most Options.Conn.CloseTimeout.
func (s *Server) Shutdown(ctx context.Context) error {
	conns, plain := s.stop(false)
	for _, c := range conns {
		go c.Shutdown(ctx, closecode.GoingAway, "") // ends with ctx or Options.Conn.CloseTimeout at the latest
	}
	if plain != nil {
		if err := plain.server.Shutdown(ctx); err != nil {
			s.Close()
			return err
		}
	}
	select {
	case <-s.gone:
		return nil
	case <-ctx.Done():
		s.Close()
		return ctx.Err()
	}
}

// Close ends the server at once: it stops listening and closes all connections without a closing handshake. It does not
// wait for handlers.
func (s *Server) Close() error {
	conns, plain := s.stop(true)
	var closing sync.WaitGroup
	for _, c := range conns {
		closing.Go(func() { c.Close() }) // over TLS it may wait for a client that does not read
	}
	closing.Wait()
	if plain != nil {
		return plain.server.Close()
	}
	return nil
}

// stop closes what listens and what is in the opening handshake, lets nothing new begin, ends the connections on loops, and returns the others that are open. cut says
// that the caller closes those, too.
func (s *Server) stop(cut bool) ([]*conn.Conn, *plainServer) {
	s.mu.Lock()
	s.closed = true
	s.cut = s.cut || cut
	loops := s.loops
	if s.gone == nil {
		s.gone = make(chan struct{})
		go func() { // ends with the last connection
			s.running.Wait()
			loops.stop()
			close(s.gone)
		}()
	}
	listeners := slices.Collect(maps.Keys(s.listeners))
	young := slices.Collect(maps.Keys(s.young))
	conns := slices.Collect(maps.Keys(s.conns))
	plain := s.plain
	s.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	for _, nc := range young {
		nc.Close()
	}
	if cut {
		loops.end(cutOff)
	} else {
		loops.end(shuttingDown)
	}
	return conns, plain
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// track runs add with the lock held, unless the server was closed, which it reports as false.
func (s *Server) track(add func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.conns == nil {
		s.listeners = make(map[net.Listener]struct{})
		s.young = make(map[net.Conn]struct{})
		s.conns = make(map[*conn.Conn]struct{})
	}
	add()
	return true
}

func (s *Server) untrack(remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	remove()
}

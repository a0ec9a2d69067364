package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/laminar-ws/laminar/handshake"
)

// plainIdle is how long a connection of the Handler may wait for its next request.
const plainIdle = 2 * time.Minute

// plainServer serves a Server's Handler on connections whose first request asked for no WebSocket. A later request
// on one of them may ask for one all the same.
type plainServer struct {
	s      *Server
	server http.Server
	conns  chan net.Conn
	once   sync.Once
	done   chan struct{}
}

// givePlain hands nc, of which started was read, over to net/http. It counts as running until net/http has closed it or given it away.
func (s *Server) givePlain(nc net.Conn, started []byte) {
	var p *plainServer
	if !s.track(func() {
		if s.plain == nil {
			s.plain = newPlainServer(s)
		}
		p = s.plain
		s.running.Add(1)
		delete(s.young, nc) // from here on Shutdown leaves nc to net/http
	}) {
		nc.Close()
		return
	}
	select {
	case p.conns <- &startedConn{Conn: nc, rest: append([]byte(nil), started...)}:
	case <-p.done:
		nc.Close()
		s.running.Done()
	}
}

func newPlainServer(s *Server) *plainServer {
	p := &plainServer{s: s, conns: make(chan net.Conn), done: make(chan struct{})}
	p.server = http.Server{
		Handler:           p,
		ReadHeaderTimeout: max(s.Options.orDefault().handshakeTimeout(), 0),
		IdleTimeout:       plainIdle,
		MaxHeaderBytes:    handshake.MaxHeadBytes, // as for the first request
		ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, nc)
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed || state == http.StateHijacked {
				s.running.Done()
			}
		},
	}
	go p.server.Serve(p) // ends with Server.Shutdown or Server.Close
	return p
}

type connKey struct{}

// ServeHTTP gives r to the Handler, or to the Server if it asks for a WebSocket.
func (p *plainServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if sc, ok := r.Context().Value(connKey{}).(*startedConn); ok {
		if tc, ok := sc.Conn.(*tls.Conn); ok { // net/http does not see it below startedConn
			state := tc.ConnectionState()
			r.TLS = &state
		}
	}
	if !asksForUpgrade(r) {
		p.s.Handler.ServeHTTP(w, r)
		return
	}
	if !p.s.track(func() { p.s.running.Add(1) }) {
		w.Header().Set("Connection", "close")
		http.Error(w, "the server is shutting down", http.StatusServiceUnavailable)
		return
	}
	c, err := Accept(w, r, p.s.Options)
	if err != nil {
		p.s.running.Done()
		return
	}
	p.s.admit(c)
}

// asksForUpgrade reports whether r is an opening handshake, good or bad.
func asksForUpgrade(r *http.Request) bool {
	_, err := handshake.CheckRequest(r)
	refusal, ok := errors.AsType[*handshake.RejectError](err)
	return !ok || !refusal.NotUpgrade
}

// Accept, Close and Addr make the plainServer the listener of its http.Server.
func (p *plainServer) Accept() (net.Conn, error) {
	select {
	case nc := <-p.conns:
		return nc, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *plainServer) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *plainServer) Addr() net.Addr { return plainAddr{} }

type plainAddr struct{}

func (plainAddr) Network() string { return "tcp" }
func (plainAddr) String() string  { return "laminar" }

// startedConn is a connection of which rest was read before.
type startedConn struct {
	net.Conn
	rest []byte
}

func (c *startedConn) Read(p []byte) (int, error) {
	if len(c.rest) > 0 {
		n := copy(p, c.rest)
		c.rest = c.rest[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// CloseWrite lets net/http end a response whose request was not read whole without resetting the connection.
func (c *startedConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}

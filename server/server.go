package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/handshake"
)

// Server accepts connections and serves each on a goroutine of its own, which ends with the connection, or all of them from a few event loops (Loops). It reads the
// opening handshake itself, without net/http; requests that ask for no WebSocket go to Handler. The exported fields must not be changed once it serves. Its
// methods may be called from anywhere.
type Server struct {
	// Addr is the address for ListenAndServe and ListenAndServeTLS, "host:port". "": ":http" or ":https".
	Addr string

	// Events are served on each connection where Handle is nil.
	Events *conn.Events

	// Handle is called for each connection on the connection's goroutine. When it returns, a connection that is still open is
	// shut down with code 1000; when it panics, with code 1011, and the panic is reported to Options.Conn.ErrorLog. It needs a goroutine for
	// each connection, so that with Loops, Serve refuses it.
	Handle func(c *conn.Conn)

	// Loops is the number of event loops that drive the connections, each on a goroutine of its own: a connection holds neither a goroutine nor a buffer while
	// nothing comes. 0: a goroutine for each connection; negative: a loop for each processor that Go uses (runtime.GOMAXPROCS). See the package documentation
	// for what a handler must not do there. Connections of other kinds than TCP and Unix sockets have a goroutine each all the same, as have all where the
	// system has no poller that the package knows: it knows those of Linux, macOS and FreeBSD.
	Loops int

	// Workers is up to how many goroutines Events' functions run on where Loops is set: one at a time for each connection, in order, so that those that take
	// long keep nobody else waiting as long as there are others. The goroutines end when there is nothing to do. 0: the functions run on the loops.
	Workers int

	// Handler gets the requests that ask for no WebSocket. nil: they are refused with status 426.
	Handler http.Handler

	// Options are the settings of all connections. nil: the defaults.
	Options *Options

	// TLSConfig is used by ListenAndServeTLS and ServeTLS; the only protocol that is negotiated (ALPN) is http/1.1. nil: the zero configuration.
	TLSConfig *tls.Config

	mu        sync.Mutex // guards the fields below
	closed    bool       // nothing new begins
	cut       bool       // and what is open was closed
	listeners map[net.Listener]struct{}
	young     map[net.Conn]struct{} // in the opening handshake
	conns     map[*conn.Conn]struct{}
	running   sync.WaitGroup // connections that were accepted, until they are gone or Handler's
	plain     *plainServer   // serves Handler
	loops     *loops         // nil: none were needed yet
	gone      chan struct{}  // closed when nothing runs any more; nil: the server goes on
}

// ListenAndServe listens on Addr and serves until Shutdown or Close, when it returns http.ErrServerClosed, or until listening fails.
func (s *Server) ListenAndServe() error {
	l, err := s.listen(":http")
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// ListenAndServeTLS is ListenAndServe over TLS, with the certificate and key in the named PEM files. Both names may be "" where TLSConfig has certificates.
func (s *Server) ListenAndServeTLS(certFile, keyFile string) error {
	l, err := s.listen(":https")
	if err != nil {
		return err
	}
	return s.ServeTLS(l, certFile, keyFile)
}

// ServeTLS is Serve over TLS, with the certificate and key as for ListenAndServeTLS.
func (s *Server) ServeTLS(l net.Listener, certFile, keyFile string) error {
	cfg := pinHTTP1(s.TLSConfig)
	if certFile != "" || keyFile != "" || !hasCertificate(cfg) {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			l.Close()
			return err
		}
		cfg.Certificates = append(slices.Clip(cfg.Certificates), pair) // TLSConfig's own stay as they are
	}
	if s.onLoops() {
		return s.Serve(&tlsListener{l, cfg})
	}
	return s.Serve(tls.NewListener(l, cfg))
}

func (s *Server) listen(defaultAddr string) (net.Listener, error) {
	addr := s.Addr
	if addr == "" {
		addr = defaultAddr
	}
	return net.Listen("tcp", addr)
}

// Serve accepts connections from l, which it closes, until Shutdown or Close, when it returns http.ErrServerClosed, or until
// accepting fails for good. Connections that it accepted live on.
//
// With Loops, connections of a *net.TCPListener or a *net.UnixListener are accepted by a loop, from a duplicate of the listener's descriptor: closing l does not end
// that, Shutdown and Close do, and keep-alive is what package net sets where nothing else is asked for.
func (s *Server) Serve(l net.Listener) error {
	defer l.Close()
	if s.Loops != 0 && s.Handle != nil {
		return errHandleOnLoops
	}
	if s.onLoops() && acceptsOnLoops(l) {
		return s.serveOnLoops(l)
	}
	if !s.track(func() { s.listeners[l] = struct{}{} }) {
		return http.ErrServerClosed
	}
	defer s.untrack(func() { delete(s.listeners, l) })
	for delay := time.Duration(0); ; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			delay = 0
			s.start(nc)
		case s.isClosed():
			return http.ErrServerClosed
		case temporary(err): // such as too many open files: they may pass
			delay = min(max(2*delay, 5*time.Millisecond), time.Second)
			time.Sleep(delay)
		default:
			return err
		}
	}
}

var errHandleOnLoops = errors.New("websocket: Server.Handle needs a goroutine for each connection, which Loops does without: use Events")

func temporary(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && t.Temporary()
}

// start serves nc on a goroutine that ends with the opening handshake; the connection has another, whose stack is small.
func (s *Server) start(nc net.Conn) {
	if !s.track(func() {
		s.young[nc] = struct{}{}
		s.running.Add(1)
	}) {
		nc.Close()
		return
	}
	go func() {
		c := s.open(nc)
		s.untrack(func() { delete(s.young, nc) })
		if c == nil {
			s.running.Done()
			return
		}
		s.admit(c)
	}()
}

// admit runs c, which counts as running, on a loop or on a goroutine.
func (s *Server) admit(c *conn.Conn) {
	if moved, _ := s.move(c, s.Events); !moved {
		s.keep(c, func() { s.run(c) })
	}
}

// keep runs c, which counts as running, on a goroutine, where serve serves it to its end. Where the server was ended while the 101 was on its way, c is ended as
// those that were open.
func (s *Server) keep(c *conn.Conn, serve func()) {
	s.mu.Lock()
	s.conns[c] = struct{}{}
	closed, cut := s.closed, s.cut
	s.mu.Unlock()
	switch {
	case cut:
		c.Close()
	case closed:
		go c.Shutdown(background, closecode.GoingAway, "") // ends with Options.Conn.CloseTimeout, or with Close
	}
	go func() { // ends with c
		defer s.running.Done()
		defer s.untrack(func() { delete(s.conns, c) })
		serve()
	}()
}

// open performs the opening handshake. It returns nil where there is no WebSocket connection: then nc is closed, or Handler's.
func (s *Server) open(nc net.Conn) *conn.Conn {
	o := s.Options.orDefault()
	head := bufpool.Get(1 << 10)
	defer head.Release()
	var c *conn.Conn
	plain := false
	err := bounded(background, nc, o, func() error {
		offer, n, err := readRequest(nc, head)
		if refusal, ok := errors.AsType[*handshake.RejectError](err); ok && refusal.NotUpgrade && s.Handler != nil {
			plain = true
			return nil
		}
		if err != nil {
			return refuse(nc, err)
		}
		if !s.track(func() { delete(s.young, nc) }) { // from here on Shutdown leaves nc to admit
			return http.ErrServerClosed
		}
		c, err = answerOffer(nc, offer, head.B[n:], o)
		return err
	})
	if err != nil {
		return nil // the client was told
	}
	if plain {
		s.givePlain(nc, head.B)
	}
	return c
}

// run serves one connection to its end.
func (s *Server) run(c *conn.Conn) {
	if s.Handle == nil {
		c.Serve(background, s.Events)
		return
	}
	code := closecode.NormalClosure
	defer func() {
		if p := recover(); p != nil {
			code = closecode.InternalError
			s.Options.orDefault().report(p)
		}
		c.Shutdown(background, code, "")
	}()
	s.Handle(c)
}

// background is the context of what nobody can call off but by ending the server or the connection.
var background = context.Background()

func (o *Options) report(p any) {
	log := o.Conn.ErrorLog
	if log == nil {
		log = slog.Default()
	}
	log.Error("websocket: panic in a handler", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

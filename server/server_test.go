package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server"
)

// When Handle returns, the connection is shut down with 1000.
func TestServer_handleReturns(t *testing.T) {
	_, addr := start(t, &server.Server{Handle: func(c *conn.Conn) { c.Read(t.Context()) }})
	p := connect(t, addr)
	p.send(request("") + masked(0x81, "bye"))
	p.upgraded(t)
	p.wants(t, "\x88\x02\x03\xe8")
	p.send(masked(0x88, "\x03\xe8"))
	p.wantsEnd(t)
}

// When it panics, with 1011; the panic is reported and the others go on.
func TestServer_panic(t *testing.T) {
	handle := func(c *conn.Conn) {
		m, err := c.Read(context.Background())
		if err == nil && string(m.Data) == "panic" {
			panic("thrown by the handler")
		}
		c.Write(context.Background(), m.Op, m.Data)
	}
	events := &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
		if string(m.Data) == "panic" {
			panic("thrown by the handler")
		}
		c.Write(context.Background(), m.Op, m.Data)
	}}
	for name, s := range map[string]*server.Server{
		"Handle":            {Handle: handle},
		"Events":            {Events: events},
		"Loops":             {Events: events, Loops: 1},
		"Loops and Workers": {Events: events, Loops: 1, Workers: 1},
	} {
		t.Run(name, func(t *testing.T) {
			var log lockedBuffer
			s.Options = &server.Options{Conn: conn.Options{ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}}
			_, addr := start(t, s)
			other := connect(t, addr)
			other.send(request(""))
			other.upgraded(t)
			p := connect(t, addr)
			p.send(request("") + masked(0x81, "panic"))
			p.upgraded(t)
			p.wants(t, "\x88\x02\x03\xf3")
			p.send(masked(0x88, "\x03\xf3"))
			p.wantsEnd(t)
			if got := log.String(); !strings.Contains(got, "thrown by the handler") || !strings.Contains(got, "server_test.go") {
				t.Errorf("log %q does not have the panic and where it was", got)
			}
			other.send(masked(0x81, "alive"))
			other.wants(t, "\x81\x05alive")
		})
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// fakeListener gives what Accept returns, one after another, and then net.ErrClosed.
type fakeListener struct {
	results chan any // a net.Conn or an error
	closed  chan struct{}
	once    sync.Once
}

func newFakeListener(results ...any) *fakeListener {
	l := &fakeListener{results: make(chan any, len(results)), closed: make(chan struct{})}
	for _, r := range results {
		l.results <- r
	}
	return l
}

func (l *fakeListener) Accept() (net.Conn, error) {
	select {
	case r := <-l.results:
		if err, ok := r.(error); ok {
			return nil, err
		}
		return r.(net.Conn), nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *fakeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *fakeListener) Addr() net.Addr { return &net.TCPAddr{} }

// temporary is what accept(2) says when there are too many open files.
type temporary struct{}

func (temporary) Error() string   { return "too many open files" }
func (temporary) Temporary() bool { return true }

// An error that may pass is waited out, longer each time; one that does not ends Serve.
func TestServer_acceptErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		fatal := errors.New("the listener broke")
		wrapped := &net.OpError{Op: "accept", Err: temporary{}}
		l := newFakeListener(wrapped, wrapped, wrapped, ours, wrapped, fatal)
		s := &server.Server{Events: echoEvents}
		served := make(chan error, 1)
		begin := time.Now()
		go func() { served <- s.Serve(l) }()
		go io.WriteString(theirs, request("")+masked(0x81, "hi"))
		p := newPeer(theirs)
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
		if err := <-served; err != fatal {
			t.Errorf("Serve returned %v; want %v", err, fatal)
		}
		if waited := time.Since(begin); waited != (5+10+20+5)*time.Millisecond {
			t.Errorf("waited %v", waited)
		}
		go p.send(masked(0x81, "still here")) // "Connections that it accepted live on."
		p.wants(t, "\x81\x0astill here")
		s.Close()
		p.Close()
	})
}

func TestServer_serveAfterShutdown(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		for name, stop := range map[string]func(*server.Server) error{
			"Shutdown": func(s *server.Server) error { return s.Shutdown(t.Context()) },
			"Close":    (*server.Server).Close,
		} {
			s := m.echo(&server.Server{Addr: "127.0.0.1:0"})
			for range 2 {
				if err := stop(s); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			l := listen(t)
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				t.Errorf("%s: Serve: %v", name, err)
			}
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s: the listener was left open", name)
			}
			if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
				t.Errorf("%s: ListenAndServe: %v", name, err)
			}
		}
	})
}

func TestServer_listenFails(t *testing.T) {
	l := listen(t)
	defer l.Close()
	s := &server.Server{Addr: l.Addr().String()}
	if err := s.ListenAndServe(); err == nil || errors.Is(err, http.ErrServerClosed) {
		t.Errorf("got %v; want that the address is in use", err)
	}
	if err := s.ListenAndServeTLS("", ""); err == nil || errors.Is(err, http.ErrServerClosed) {
		t.Errorf("TLS: got %v; want that the address is in use", err)
	}
}

// One Server serves several listeners.
func TestServer_listeners(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		s := m.echo(&server.Server{})
		_, first := start(t, s)
		_, second := start(t, s)
		for _, addr := range []string{first, second} {
			p := connect(t, addr)
			p.send(request("") + masked(0x81, "hi"))
			p.upgraded(t)
			p.wants(t, "\x81\x02hi")
		}
	})
}

// Options are shared by many connections at once and never written to.
func TestServer_sharedOptions(t *testing.T) {
	opts := &server.Options{Origins: []string{"*.example.com"}, Subprotocols: []string{"v1"}}
	for _, e := range entries {
		addr := e.start(t, opts)
		var clients sync.WaitGroup
		for range 16 {
			p := connect(t, addr)
			clients.Go(func() {
				defer p.Close()
				p.send(request("Origin: http://a.example.com\r\nSec-WebSocket-Protocol: v1\r\n") + masked(0x81, "hi"))
				r, err := http.ReadResponse(p.r, nil)
				if err != nil || r.StatusCode != 101 {
					t.Errorf("%s: %v", e.name, err)
					return
				}
				b := make([]byte, 4)
				if _, err := io.ReadFull(p.r, b); err != nil || string(b) != "\x81\x02hi" {
					t.Errorf("%s: got %q, %v", e.name, b, err)
				}
			})
		}
		clients.Wait()
	}
	if opts.Conn.Subprotocol != "" {
		t.Errorf("the options became %+v", opts)
	}
}

package server_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/handshake"
	"github.com/laminar-ws/laminar/server"
)

// logged is a ResponseWriter as a middleware wraps one, with an Unwrap method.
type logged struct {
	http.ResponseWriter
	status int
}

func (w *logged) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *logged) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// opaque is one without.
type opaque struct{ http.ResponseWriter }

func TestAccept_wrappedWriter(t *testing.T) {
	t.Run("with Unwrap", func(t *testing.T) {
		addr := startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			acceptEcho(nil).ServeHTTP(&logged{ResponseWriter: &logged{ResponseWriter: w}}, r)
		}))
		p := connect(t, addr)
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
	})
	t.Run("without", func(t *testing.T) {
		errs := make(chan error, 1)
		addr := startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := server.Accept(opaque{w}, r, nil)
			if c != nil {
				t.Error("got a connection")
			}
			errs <- err
		}))
		p := connect(t, addr)
		p.send(request(""))
		if r := p.response(t); r.StatusCode != http.StatusInternalServerError {
			t.Errorf("got %s; want a 500", r.Status)
		}
		if err := <-errs; err == nil || !strings.Contains(err.Error(), "server_test.opaque") || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("got %v; want an error that names the type", err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		status := make(chan int, 1)
		addr := startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			l := &logged{ResponseWriter: w}
			_, err := server.Accept(l, r, nil)
			if refusal, ok := errors.AsType[*handshake.RejectError](err); !ok || refusal.Section == "" {
				t.Errorf("got %v; want a RejectError", err)
			}
			status <- l.status
		}))
		p := connect(t, addr)
		p.send(request("Origin: http://evil.example\r\n"))
		p.response(t)
		if got := <-status; got != http.StatusForbidden {
			t.Errorf("the middleware saw status %d; want 403", got)
		}
	})
}

// An Accept after an answer was begun, or a second one, is an error and no panic.
func TestAccept_twice(t *testing.T) {
	errs := make(chan error, 1)
	addr := startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := server.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		_, err = server.Accept(w, r, nil)
		errs <- err
	}))
	p := connect(t, addr)
	p.send(request(""))
	if err := <-errs; !errors.Is(err, http.ErrHijacked) {
		t.Errorf("got %v; want %v", err, http.ErrHijacked)
	}
}

// HTTP/2 has no upgrade of this kind.
func TestAccept_http2(t *testing.T) {
	s := httptest.NewUnstartedServer(acceptEcho(nil))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	r, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.ProtoMajor != 2 || r.StatusCode != http.StatusHTTPVersionNotSupported {
		t.Errorf("got %s %s; want 505 over HTTP/2", r.Proto, r.Status)
	}
}

// hijackable is a ResponseWriter over nc, of whose deadlines and writes net/http is not in the way.
type hijackable struct {
	http.ResponseWriter
	nc net.Conn
}

func (w hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.nc, bufio.NewReadWriter(bufio.NewReader(w.nc), bufio.NewWriter(w.nc)), nil
}

// deadlines remembers the deadlines that it is given.
type deadlines struct {
	net.Conn
	read, write time.Time
}

func (d *deadlines) SetDeadline(t time.Time) error {
	d.read, d.write = t, t
	return nil
}

func (d *deadlines) Write(p []byte) (int, error) { return len(p), nil }

func TestAccept_clearsDeadlines(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	d := &deadlines{Conn: ours}
	d.SetDeadline(time.Now().Add(time.Minute)) // as http.Server's ReadTimeout and WriteTimeout do
	c, err := server.Accept(hijackable{httptest.NewRecorder(), d}, upgradeRequest(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !d.read.IsZero() || !d.write.IsZero() {
		t.Errorf("deadlines %v, %v are left; want none", d.read, d.write)
	}
}

func upgradeRequest(t *testing.T) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request(""))))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// broken fails to write.
type broken struct {
	net.Conn
	closed bool
}

func (b *broken) Write([]byte) (int, error) { return 0, net.ErrClosed }
func (b *broken) Close() error {
	b.closed = true
	return b.Conn.Close()
}

// An error after the takeover leaves nothing open.
func TestAccept_writeFails(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	b := &broken{Conn: ours}
	c, err := server.Accept(hijackable{httptest.NewRecorder(), b}, upgradeRequest(t), nil)
	if c != nil || !errors.Is(err, net.ErrClosed) || !b.closed {
		t.Errorf("got %v, %v, closed: %v", c, err, b.closed)
	}
}

// Handler frees net/http's goroutine: the request's context ends while the connection goes on.
func TestHandler_freesRequest(t *testing.T) {
	over := make(chan struct{})
	h := server.Handler(&conn.Events{
		OnMessage: func(c *conn.Conn, m conn.Message) {
			<-over
			c.Write(context.Background(), m.Op, m.Data)
		},
	}, nil)
	addr := startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		close(over)
	}))
	p := connect(t, addr)
	p.send(request("") + masked(0x81, "hi"))
	p.upgraded(t)
	p.wants(t, "\x81\x02hi")
}

// OnOpen comes first, OnClose last and once, and a refused request calls neither.
func TestHandler_events(t *testing.T) {
	calls := make(chan string, 10)
	opts := &server.Options{Subprotocols: []string{"chat"}}
	h := server.Handler(&conn.Events{
		OnOpen:    func(c *conn.Conn) { calls <- "open " + c.Subprotocol() },
		OnMessage: func(c *conn.Conn, m conn.Message) { calls <- string(m.Data) },
		OnClose:   func(c *conn.Conn, err error) { calls <- "close" },
	}, opts)
	opts.Subprotocols = nil // a copy was taken
	addr := startHTTP(t, h)
	p := connect(t, addr)
	p.send(request("Origin: http://evil.example\r\n"))
	p.response(t)
	p = connect(t, addr)
	p.send(request("Sec-WebSocket-Protocol: chat\r\n") + masked(0x81, "hi") + masked(0x88, ""))
	p.upgraded(t)
	p.wants(t, "\x88\x00")
	p.wantsEnd(t)
	p.Close()
	for _, want := range []string{"open chat", "hi", "close"} {
		if got := <-calls; got != want {
			t.Errorf("got %q; want %q", got, want)
		}
	}
	if len(calls) > 0 {
		t.Errorf("and then %q", <-calls)
	}
}

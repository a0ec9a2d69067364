package server_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// adopting is a handler that gives its connections to s, after it has written to them.
func adopting(t *testing.T, s *server.Server, ev *conn.Events) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := server.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		if err := c.Write(r.Context(), frame.Text, []byte("welcome")); err != nil {
			t.Error(err)
		}
		if err := s.Adopt(c, ev); err != nil {
			t.Error(err)
		}
	})
}

// A connection that net/http has upgraded is served with the given events, with what came early first, is shut down as those that the server has
// accepted, and holds no goroutine on a loop.
func TestServer_Adopt(t *testing.T) {
	for _, secure := range []bool{false, true} {
		forEvents(t, func(t *testing.T, m mode) {
			calls := make(chan string, 10)
			s := m.serve(&server.Server{Events: &conn.Events{}})
			t.Cleanup(func() { s.Close() })
			h := adopting(t, s, &conn.Events{
				OnOpen: func(c *conn.Conn) {
					calls <- "open"
					if _, still := c.NetConn().(*net.TCPConn); still == (m.loops > 0 && server.LoopsSupported) && !secure {
						t.Errorf("the transport is a %T", c.NetConn())
					}
				},
				OnMessage: func(c *conn.Conn, m conn.Message) {
					calls <- string(m.Data)
					c.Write(context.Background(), m.Op, m.Data)
				},
				OnClose: func(c *conn.Conn, err error) { calls <- "close" },
			})
			var p *peer
			if secure {
				site := httptest.NewTLSServer(h)
				t.Cleanup(site.Close)
				p = connect(t, overTLS+site.Listener.Addr().String())
			} else {
				p = connect(t, startHTTP(t, h))
			}
			p.send(request("") + masked(0x81, "early"))
			p.upgraded(t)
			p.wants(t, "\x81\x07welcome\x81\x05early")
			p.send(masked(0x81, "late"))
			p.wants(t, "\x81\x04late")
			ended := make(chan error, 1)
			go func() { ended <- s.Shutdown(t.Context()) }()
			p.wants(t, "\x88\x02\x03\xe9")
			p.send(masked(0x88, "\x03\xe9"))
			p.Close()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			for _, want := range []string{"open", "early", "late", "close"} {
				if got := <-calls; got != want {
					t.Errorf("got %q; want %q", got, want)
				}
			}
		})
	}
}

// Without events, the connection gets the server's.
func TestServer_Adopt_serverEvents(t *testing.T) {
	forEvents(t, func(t *testing.T, m mode) {
		s := m.echo(&server.Server{})
		t.Cleanup(func() { s.Close() })
		p := connect(t, startHTTP(t, adopting(t, s, nil)))
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x07welcome\x81\x02hi")
	})
}

// A transport that is no socket has a goroutine, in every mode.
func TestServer_Adopt_pipe(t *testing.T) {
	forEvents(t, func(t *testing.T, m mode) {
		s := m.echo(&server.Server{})
		t.Cleanup(func() { s.Close() })
		ours, theirs := net.Pipe()
		go func() {
			c, err := server.Upgrade(t.Context(), ours, nil)
			if err == nil {
				err = s.Adopt(c, nil)
			}
			if err != nil {
				t.Error(err)
			}
		}()
		p := newPeer(theirs)
		go p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
		go s.Shutdown(t.Context())
		p.wants(t, "\x88\x02\x03\xe9")
		go p.send(masked(0x88, "\x03\xe9"))
		p.wantsEnd(t)
	})
}

// A server that has ended closes what it is to adopt.
func TestServer_Adopt_ended(t *testing.T) {
	forEvents(t, func(t *testing.T, m mode) {
		s := m.echo(&server.Server{})
		s.Close()
		client, c := conn.Pipe(nil, nil)
		if err := s.Adopt(c, nil); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("got %v; want %v", err, http.ErrServerClosed)
		}
		if _, err := client.Read(t.Context()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v; want an end", err)
		}
	})
}

// A connection that someone reads from is not adopted by a loop; one that has ended just closes.
func TestServer_Adopt_refused(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		s := m.echo(&server.Server{})
		conns := make(chan *conn.Conn)
		addr := startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, err := server.Accept(w, r, nil); err == nil {
				conns <- c
			}
		}))
		p := open(t, addr)
		c := <-conns
		reading := make(chan error, 1)
		inMessage, goOn := make(chan struct{}), make(chan struct{})
		go func() {
			reading <- c.Serve(t.Context(), &conn.Events{OnMessage: func(*conn.Conn, conn.Message) {
				close(inMessage)
				<-goOn
			}})
		}()
		p.send(masked(0x81, "hi"))
		<-inMessage
		if err := s.Adopt(c, nil); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v; want that someone reads", err)
		}
		close(goOn)
		p.send(masked(0x88, "\x03\xe8"))
		p.wants(t, "\x88\x02\x03\xe8")
		p.Close()
		if err := <-reading; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
		closed := make(chan error, 1)
		err := s.Adopt(c, &conn.Events{
			OnOpen:  func(*conn.Conn) { t.Error("opened") },
			OnClose: func(_ *conn.Conn, err error) { closed <- err },
		})
		if err != nil {
			t.Errorf("closed: got %v", err)
		}
		if err := <-closed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("OnClose got %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

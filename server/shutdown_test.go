package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server"
)

// Every connection is shut down with 1001, also one that has just got its 101, and Shutdown returns when all are gone and
// their handlers have returned.
func TestServer_Shutdown(t *testing.T) {
	var handlers atomic.Int32
	handle := func(c *conn.Conn) {
		handlers.Add(1)
		defer handlers.Add(-1)
		echo(c)
	}
	var opened sync.Map
	events := &conn.Events{
		OnOpen: func(c *conn.Conn) {
			handlers.Add(1)
			opened.Store(c, true)
		},
		OnClose: func(c *conn.Conn, _ error) {
			if _, ok := opened.Load(c); ok { // else it was shut down before
				handlers.Add(-1)
			}
		},
	}
	for name, s := range map[string]*server.Server{
		"Handle":            {Handler: page, Handle: handle},
		"Events":            {Handler: page, Events: events},
		"Loops":             {Handler: page, Events: events, Loops: 2},
		"Loops and Workers": {Handler: page, Events: events, Loops: 2, Workers: 3},
	} {
		t.Run(name, func(t *testing.T) {
			s, addr := start(t, s)
			var clients sync.WaitGroup
			for i := range 20 {
				p := connect(t, addr)
				if i%2 == 0 {
					p.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
					p.wantsPage(t, "GET /  tls:false")
				}
				p.send(request(""))
				p.upgraded(t)
				clients.Go(func() {
					frame := make([]byte, 4)
					if _, err := io.ReadFull(p.r, frame); err != nil || string(frame) != "\x88\x02\x03\xe9" {
						t.Errorf("got %q, %v; want a Close frame with 1001", frame, err)
					}
					p.send(masked(0x88, "\x03\xe9"))
					if _, err := p.r.ReadByte(); err != io.EOF {
						t.Errorf("got %v; want the end of the stream", err)
					}
					p.Close()
				})
			}
			if err := s.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if n := handlers.Load(); n != 0 {
				t.Errorf("%d handlers still run", n)
			}
			clients.Wait()
		})
	}
}

// inBubble serves s on connections in memory, so that the clock may be synctest's.
func inBubble(t *testing.T, s *server.Server, n int) (peers []*peer) {
	var results []any
	for range n {
		ours, theirs := net.Pipe()
		results = append(results, ours)
		p := newPeer(theirs)
		p.SetDeadline(time.Time{})
		peers = append(peers, p)
	}
	l := newFakeListener(results...)
	go s.Serve(l)
	t.Cleanup(func() {
		s.Close()
		for _, p := range peers {
			p.Close()
		}
	})
	return peers
}

// open performs the opening handshake of p.
func (p *peer) open(t *testing.T) {
	t.Helper()
	go p.send(request(""))
	p.upgraded(t)
}

// A client that never answers costs CloseTimeout, or what is left of the context.
func TestServer_ShutdownBounded(t *testing.T) {
	for _, tt := range []struct {
		name    string
		timeout time.Duration // CloseTimeout
		bound   time.Duration // of the context; 0: none
		took    time.Duration
		err     error
	}{
		{"default", 0, 0, conn.DefaultCloseTimeout, nil},
		{"option", time.Second, 0, time.Second, nil},
		{"context", 0, 2 * time.Second, 2 * time.Second, context.DeadlineExceeded},
		{"context alone", -1, time.Minute, time.Minute, context.DeadlineExceeded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 3)
				s := &server.Server{
					Events:  &conn.Events{OnClose: func(_ *conn.Conn, err error) { ended <- err }},
					Options: &server.Options{Conn: conn.Options{CloseTimeout: tt.timeout}},
				}
				for _, p := range inBubble(t, s, 3) {
					p.open(t)
					go io.Copy(io.Discard, p)
				}
				synctest.Wait()
				ctx := t.Context()
				if tt.bound > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.bound)
					defer cancel()
				}
				start := time.Now()
				if err := s.Shutdown(ctx); !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
					t.Errorf("got %v; want %v", err, tt.err)
				}
				if got := time.Since(start); got != tt.took {
					t.Errorf("after %v; want %v", got, tt.took)
				}
				for range 3 {
					if code, ok := closecode.Of(<-ended); !ok || code != closecode.AbnormalClosure {
						t.Errorf("ended with %v; want 1006", code)
					}
				}
			})
		})
	}
}

// A handler that does not return costs the context; Shutdown waits for one that does.
func TestServer_ShutdownWaitsForHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server.Server{Handle: func(c *conn.Conn) {
			c.Read(context.Background())
			<-time.After(time.Minute) // tidying up
		}}
		p := inBubble(t, s, 1)[0]
		p.open(t)
		go io.Copy(p, p.r) // not a valid answer, but one: unmasked frames fail the connection at once
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v; want %v", err, context.DeadlineExceeded)
		}
		start := time.Now()
		if err := s.Shutdown(t.Context()); err != nil || time.Since(start) < 50*time.Second {
			t.Errorf("the second Shutdown returned %v after %v", err, time.Since(start))
		}
	})
}

// Connections in their opening handshake are ended at once, those of plain requests when they are idle.
func TestServer_ShutdownYoungAndPlain(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		s, addr := start(t, m.echo(&server.Server{Handler: page}))
		silent := connect(t, addr)
		half := connect(t, addr)
		half.send("GET / HTTP/1.1\r\nHos")
		idle := connect(t, addr)
		idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		idle.wantsPage(t, "GET /  tls:false")
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		for name, p := range map[string]*peer{"silent": silent, "half": half, "idle": idle} {
			// What was sent and not read may reset the connection.
			if _, err := p.r.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: got %v; want an end", name, err)
			}
		}
		if nc, err := net.Dial("tcp", addr); err == nil {
			nc.Close()
			t.Error("the server still listens")
		}
	})
}

// A plain request in progress is waited for; one that takes longer than the context is closed.
func TestServer_ShutdownPlainRequest(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		for _, patient := range []bool{true, false} {
			begun, goOn := make(chan struct{}), make(chan struct{})
			s, addr := start(t, m.echo(&server.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(begun)
				<-goOn
				io.WriteString(w, "done")
			})}))
			p := connect(t, addr)
			p.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			<-begun
			ctx, cancel := context.WithCancel(t.Context())
			if patient {
				close(goOn)
			} else {
				cancel()
			}
			err := s.Shutdown(ctx)
			if patient {
				p.wantsText(t, "done")
			} else {
				if _, err := p.r.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got %v; want the connection closed", err)
				}
				close(goOn)
			}
			if (err == nil) != patient {
				t.Errorf("patient: %v; got %v", patient, err)
			}
			cancel()
		}
	})
}

func (p *peer) wantsText(t *testing.T, want string) {
	t.Helper()
	if body, err := io.ReadAll(p.response(t).Body); err != nil || string(body) != want {
		t.Errorf("got %q, %v; want %q", body, err, want)
	}
}

// Close ends everything at once, without Close frames, and waits for no handler.
func TestServer_Close(t *testing.T) {
	forEvents(t, func(t *testing.T, m mode) {
		ended := make(chan error, 2)
		s, addr := start(t, m.serve(&server.Server{
			Events:  &conn.Events{OnClose: func(_ *conn.Conn, err error) { ended <- err }},
			Handler: page,
		}))
		p := connect(t, addr)
		p.send(request(""))
		p.upgraded(t)
		q := connect(t, addr) // one that began as a plain request
		q.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		q.wantsPage(t, "GET /  tls:false")
		q.send(request("") + masked(0x89, ""))
		q.upgraded(t)
		q.wants(t, "\x8a\x00")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		p.wantsEnd(t)
		q.wantsEnd(t)
		for range 2 {
			if err := <-ended; !errors.Is(err, net.ErrClosed) {
				t.Errorf("got %v", err)
			}
		}
	})
}

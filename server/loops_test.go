package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// A connection on a loop is small.
func TestLoops_sizes(t *testing.T) {
	t.Logf("socket %d, slot %d, TLS %d bytes beside the tls.Conn", server.SocketSize, server.SlotSize, server.SecureSize)
	if server.SocketSize > 64 || server.SlotSize > 16 {
		t.Errorf("a socket takes %d bytes and its slot %d; want at most 64 and 16", server.SocketSize, server.SlotSize)
	}
}

// Handle needs a goroutine, so it is refused at once, and the listener closed.
func TestLoops_handle(t *testing.T) {
	s := &server.Server{Handle: echo, Loops: 1}
	l := listen(t)
	if err := s.Serve(l); err == nil || !strings.Contains(err.Error(), "Handle") {
		t.Errorf("Serve: got %v; want an error that names Handle", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("the listener was left open")
	}
}

// open connects to addr and performs the opening handshake.
func open(t testing.TB, addr string) *peer {
	t.Helper()
	p := connect(t, addr)
	p.send(request(""))
	p.upgraded(t)
	return p
}

// frame reads a frame.
func (p *peer) frame(t testing.TB) (frame.Header, []byte) {
	t.Helper()
	h, payload, err := p.next()
	if err != nil {
		t.Fatal(err)
	}
	return h, payload
}

func (p *peer) next() (h frame.Header, payload []byte, err error) {
	for n := 2; ; n++ {
		head, err := p.r.Peek(n)
		if err != nil {
			return h, nil, err
		}
		if h, _, err = frame.ParseHeader(head); err == nil {
			p.r.Discard(n)
			break
		}
	}
	payload = make([]byte, h.Length)
	_, err = io.ReadFull(p.r, payload)
	return h, payload, err
}

// long returns a frame of any length from a client, with a key of zeros.
func long(op frame.Opcode, payload []byte) string {
	h := frame.Header{Fin: true, Opcode: op, Length: int64(len(payload)), Masked: true}
	return string(frame.AppendHeader(nil, h)) + string(payload)
}

// forSecureLoops runs test for each way to serve with event loops, plain and over TLS.
func forSecureLoops(t *testing.T, test func(t *testing.T, m mode, serve func(*server.Server) (addr string))) {
	forLoops(t, func(t *testing.T, m mode) {
		t.Run("plain", func(t *testing.T) {
			test(t, m, func(s *server.Server) string {
				_, addr := start(t, s)
				return addr
			})
		})
		t.Run("TLS", func(t *testing.T) {
			test(t, m, func(s *server.Server) string {
				s.TLSConfig = tlsConfig(t)
				return overTLS + startTLS(t, s)
			})
		})
	})
}

// Negative is one loop for each processor; the connections are spread over them.
func TestLoops_number(t *testing.T) {
	before := runtime.NumGoroutine()
	s, addr := start(t, &server.Server{Events: echoEvents, Loops: -1})
	p := open(t, addr)
	if got, want := runtime.NumGoroutine()-before, runtime.GOMAXPROCS(0)+1; got > want {
		t.Errorf("%d more goroutines; want %d loops and Serve", got, want-1)
	}
	p.Close()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// Hundreds of connections are shut down, those that do not answer cut off after CloseTimeout, or when the context ends.
func TestLoops_shutdown(t *testing.T) {
	for _, tt := range []struct {
		name    string
		timeout time.Duration // CloseTimeout
		bound   time.Duration // of the context
		answers bool          // the clients do
	}{
		{"answered", -1, time.Minute, true},
		{"timeout", 50 * time.Millisecond, time.Minute, false},
		{"context", -1, 50 * time.Millisecond, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
				const n = 200
				var clean, lost atomic.Int32
				s := m.serve(&server.Server{
					Options: &server.Options{Conn: conn.Options{CloseTimeout: tt.timeout}},
					Events: &conn.Events{OnClose: func(_ *conn.Conn, err error) {
						if code, _ := closecode.Of(err); code == closecode.GoingAway {
							clean.Add(1)
						} else {
							lost.Add(1)
						}
					}},
				})
				addr := serve(s)
				var clients sync.WaitGroup
				for range n {
					p := open(t, addr)
					if !tt.answers {
						continue
					}
					clients.Go(func() {
						if _, b, err := p.next(); err != nil || string(b) != "\x03\xe9" {
							t.Errorf("got %q, %v", b, err)
						}
						p.send(masked(0x88, "\x03\xe9"))
						io.Copy(io.Discard, p.r)
						p.Close()
					})
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.bound)
				defer cancel()
				err := s.Shutdown(ctx)
				if late := tt.bound < time.Minute; late != errors.Is(err, context.DeadlineExceeded) || !late && err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				clients.Wait()
				if err := s.Shutdown(t.Context()); err != nil {
					t.Errorf("the second Shutdown: %v", err)
				}
				if got := clean.Load(); got+lost.Load() != n || got != 0 && !tt.answers || got != n && tt.answers {
					t.Errorf("%d ended with 1001, %d otherwise; want all %d in the same way", got, lost.Load(), n)
				}
			})
		})
	}
}

// eventually waits until cond holds, which it has to within 10 seconds.
func eventually(t testing.TB, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come to pass")
		}
	}
}

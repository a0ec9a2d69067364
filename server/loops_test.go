package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
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

// However long a message is, and whatever the kernel takes of it at once, it comes back whole. The peer reads nothing before it has sent all.
func TestLoops_long(t *testing.T) {
	forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
		addr := serve(m.echo(&server.Server{Options: &server.Options{Conn: conn.Options{MaxMessage: -1, HighWater: -1, WriteQueue: -1}}}))
		p := open(t, addr)
		var sent [][]byte
		for _, n := range []int{0, 1, 125, 126, 65_535, 65_536, 300_000, 1 << 20, 9_000_001} {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(i * (n%13 + 1))
			}
			sent = append(sent, b)
		}
		for _, b := range sent {
			p.send(long(frame.Binary, b))
		}
		for _, want := range sent {
			if h, got := p.frame(t); h.Opcode != frame.Binary || !bytes.Equal(got, want) {
				t.Fatalf("got %v of %d bytes; want %d", h.Opcode, len(got), len(want))
			}
		}
	})
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

// A peer that does not read is not read from, loses nothing, and goes on when it reads. Others on the same loop are served meanwhile.
func TestLoops_backpressure(t *testing.T) {
	const messages, size = 400, 64 << 10
	forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
		m.loops = 1
		drained := make(chan struct{}, messages)
		var got atomic.Int32
		addr := serve(m.serve(&server.Server{
			Options: &server.Options{Conn: conn.Options{HighWater: 256 << 10, WriteQueue: 1 << 20}},
			Events: &conn.Events{
				OnMessage: func(c *conn.Conn, m conn.Message) {
					if m.Op == frame.Binary {
						got.Add(1)
					}
					if err := c.Write(context.Background(), m.Op, m.Data); err != nil {
						t.Error(err)
					}
				},
				OnDrain: func(*conn.Conn) { drained <- struct{}{} },
			},
		}))
		p, other := open(t, addr), open(t, addr)
		var sending sync.WaitGroup
		sending.Go(func() {
			for i := range messages {
				p.send(long(frame.Binary, bytes.Repeat([]byte{byte(i)}, size)))
			}
		})
		// The server stops reading; how much it takes before depends on the kernel's buffers.
		for before := int32(-1); got.Load() != before || before == 0; {
			before = got.Load()
			for range 5 {
				other.send(masked(0x81, "hi"))
				if h, b := other.frame(t); h.Opcode != frame.Text || string(b) != "hi" {
					t.Fatalf("got %v %q", h.Opcode, b)
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
		if n := got.Load(); n >= messages {
			t.Fatalf("all %d messages were taken without one being read", n)
		}
		for i := range messages {
			if h, b := p.frame(t); h.Opcode != frame.Binary || len(b) != size || b[0] != byte(i) || b[size-1] != byte(i) {
				t.Fatalf("message %d: got %v of %d bytes", i, h.Opcode, len(b))
			}
		}
		sending.Wait()
		<-drained
		p.send(masked(0x81, "end"))
		if h, b := p.frame(t); h.Opcode != frame.Text || string(b) != "end" {
			t.Errorf("got %v %q", h.Opcode, b)
		}
	})
}

// A peer that half-closes behind its messages gets all of the answers.
func TestLoops_halfClosed(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{Options: &server.Options{Conn: conn.Options{HighWater: -1, WriteQueue: -1}}}))
		p := open(t, addr)
		const n, size = 50, 64 << 10
		for i := range n {
			p.send(long(frame.Binary, bytes.Repeat([]byte{byte(i)}, size)))
		}
		p.Conn.(*net.TCPConn).CloseWrite()
		for i := range n {
			if _, b := p.frame(t); len(b) != size || b[0] != byte(i) {
				t.Fatalf("message %d has %d bytes", i, len(b))
			}
		}
		p.wantsEnd(t)
	})
}

// A connection's address and options are those of its socket.
func TestLoops_netConn(t *testing.T) {
	forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
		conns := make(chan *conn.Conn, 1)
		closed := make(chan net.Addr, 1)
		addr := serve(m.serve(&server.Server{Events: &conn.Events{
			OnOpen:  func(c *conn.Conn) { conns <- c },
			OnClose: func(c *conn.Conn, err error) { closed <- c.NetConn().RemoteAddr() },
		}}))
		p := open(t, addr)
		c := <-conns
		nc := c.NetConn()
		if got, want := nc.RemoteAddr().String(), p.Conn.LocalAddr().String(); got != want {
			t.Errorf("the remote address is %s; want %s", got, want)
		}
		if got, want := nc.LocalAddr().String(), p.Conn.RemoteAddr().String(); got != want {
			t.Errorf("the local address is %s; want %s", got, want)
		}
		for name, err := range map[string]error{
			"Read": second(nc.Read(make([]byte, 1))), "SetDeadline": nc.SetDeadline(time.Time{}),
			"SetReadDeadline": nc.SetReadDeadline(time.Time{}), "SetWriteDeadline": nc.SetWriteDeadline(time.Time{}),
		} {
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("%s: got %v; want one that is ErrUnsupported", name, err)
			}
		}
		if _, err := c.Read(t.Context()); err == nil {
			t.Error("Conn.Read works")
		}
		p.Close()
		if _, ok := (<-closed).(*net.TCPAddr); !ok {
			t.Error("the address of a closed connection is no *net.TCPAddr")
		}
		if err := c.Write(t.Context(), frame.Text, nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write returns %v", err)
		}
		if n, err := nc.Write([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write to the transport returns %d, %v", n, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestLoops_unixSocket(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		name := filepath.Join(t.TempDir(), "socket")
		l, err := net.Listen("unix", name)
		if err != nil {
			t.Fatal(err)
		}
		addrs := make(chan net.Addr, 2)
		s := m.serve(&server.Server{Events: &conn.Events{
			OnOpen:    func(c *conn.Conn) { addrs <- c.NetConn().LocalAddr() },
			OnMessage: echoEvents.OnMessage,
			OnClose:   func(c *conn.Conn, _ error) { addrs <- c.NetConn().LocalAddr() },
		}})
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		nc, err := net.Dial("unix", name)
		if err != nil {
			t.Fatal(err)
		}
		p := newPeer(nc)
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
		p.send(masked(0x88, "\x03\xe8"))
		p.wants(t, "\x88\x02\x03\xe8")
		p.wantsEnd(t)
		p.Close()
		if a := <-addrs; a.Network() != "unix" || a.String() != name {
			t.Errorf("the local address is %s %s", a.Network(), a)
		}
		if a := <-addrs; a.Network() != "unix" {
			t.Errorf("when it is closed, it is %s %s", a.Network(), a)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		<-served
		if _, err := net.Dial("unix", name); err == nil {
			t.Error("the server still listens")
		}
		if l, err := net.Listen("unix", name); err != nil {
			t.Errorf("the name was left behind: %v", err)
		} else {
			l.Close()
		}
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
		silent  int           // clients that do not answer
	}{
		{"all answer", 0, time.Minute, 0},
		{"timeout", 50 * time.Millisecond, time.Minute, 40},
		{"context", -1, 50 * time.Millisecond, 40},
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
				for i := range n {
					p := open(t, addr)
					if i < tt.silent {
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
				if clean.Load() != int32(n-tt.silent) || lost.Load() != int32(tt.silent) {
					t.Errorf("%d ended with 1001, %d otherwise; want %d, %d", clean.Load(), lost.Load(), n-tt.silent, tt.silent)
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

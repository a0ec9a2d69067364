package server_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

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

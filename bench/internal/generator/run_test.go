//go:build linux

package generator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// listen serves each connection with handle until the test ends, and returns the address.
func listen(t *testing.T, handle func(net.Conn)) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() { // ends with the listener
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { // ends with the connection, which the client closes
				defer nc.Close()
				handle(nc)
			}()
		}
	}()
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

// serve answers the upgrade of each connection, echoes with the function given, and returns the address.
func serve(t *testing.T, echo func(*websocket.Conn) error) netip.AddrPort {
	t.Helper()
	var upgrader websocket.Upgrader
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for echo(c) == nil {
		}
	}))
	t.Cleanup(srv.Close)
	return netip.MustParseAddrPort(srv.Listener.Addr().String())
}

func echo(c *websocket.Conn) error {
	op, p, err := c.ReadMessage()
	if err != nil {
		return err
	}
	return c.WriteMessage(op, p)
}

// short is a run that takes moments, with patience for a machine that has none to spare.
func short(addr netip.AddrPort, conns int, s wire.Shape) Config {
	return Config{Addr: addr, Conns: conns, Shape: s, Measure: 200 * time.Millisecond, Patience: time.Minute}
}

func TestRun_echo(t *testing.T) {
	ws := serve(t, echo)
	tcp := listen(t, func(nc net.Conn) { io.Copy(nc, nc) })
	tests := []struct {
		name  string
		addr  netip.AddrPort
		conns int
		loops int
		shape wire.Shape
	}{
		{"pipeline", ws, 10, 1, wire.Shape{Op: wire.Binary, Size: 128, Window: 64}},
		{"text", ws, 3, 1, wire.Shape{Op: wire.Text, Size: 5, Window: 2}},
		{"ping-pong", ws, 50, 1, wire.Shape{Op: wire.Binary, Size: 1024, Window: 1}},
		{"empty messages", ws, 2, 1, wire.Shape{Op: wire.Binary, Window: 3}},
		{"two loops", ws, 7, 2, wire.Shape{Op: wire.Binary, Size: 70_000, Window: 2}},
		{"more than the socket holds", ws, 1, 1, wire.Shape{Op: wire.Binary, Size: 1 << 20, Window: 16}},
		{"plain", tcp, 5, 1, wire.Shape{Op: wire.Binary, Size: 128, Window: 64, Unmasked: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := short(tt.addr, tt.conns, tt.shape)
			cfg.Loops, cfg.Plain, cfg.PID, cfg.Warmup = tt.loops, tt.shape.Unmasked, os.Getpid(), time.Millisecond
			r, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if r.Messages <= 0 || r.Total < r.Messages || r.Total < int64(tt.conns) {
				t.Errorf("%d messages measured, %d in all, over %d connections", r.Messages, r.Total, tt.conns)
			}
			if r.Elapsed < cfg.Measure || r.ServerCPU <= 0 || r.LoadCPU <= 0 || r.ServerWrites <= 0 || r.ServerReads <= 0 {
				t.Errorf("a figure is missing: %+v", r)
			}
			if r.BaseMemory <= 0 || r.IdleMemory <= 0 || r.BusyMemory <= 0 {
				t.Errorf("memory figures are missing: %+v", r)
			}
			if timed := tt.shape.Window == 1; (r.Latency != nil) != timed {
				t.Fatalf("Latency = %v; want it only with one message in flight", r.Latency)
			} else if timed && !(0 < r.Latency.P50 && r.Latency.P50 <= r.Latency.P99 && r.Latency.P99 <= r.Latency.Max) {
				t.Errorf("quantiles out of order: %+v", *r.Latency)
			}
		})
	}
}

func TestRun_withoutProcess(t *testing.T) {
	r, err := Run(t.Context(), short(serve(t, echo), 2, wire.Shape{Op: wire.Binary, Size: 16, Window: 2}))
	if err != nil {
		t.Fatal(err)
	}
	if r.Messages <= 0 || r.ServerCPU != 0 || r.BaseMemory != 0 {
		t.Errorf("%+v; want messages, and no figures of a server that was not named", r)
	}
}

func TestRun_wrongEcho(t *testing.T) {
	tests := []struct {
		name string
		echo func(*websocket.Conn) error
		want error
	}{
		{"a byte changed", func(c *websocket.Conn) error {
			op, p, err := c.ReadMessage()
			if err != nil {
				return err
			}
			p[len(p)-1] ^= 1
			return c.WriteMessage(op, p)
		}, wire.ErrPayload},
		{"another type", func(c *websocket.Conn) error {
			_, p, err := c.ReadMessage()
			if err != nil {
				return err
			}
			return c.WriteMessage(websocket.TextMessage, p)
		}, wire.ErrOpcode},
		{"a byte short", func(c *websocket.Conn) error {
			op, p, err := c.ReadMessage()
			if err != nil {
				return err
			}
			return c.WriteMessage(op, p[1:])
		}, nil},
		{"twice", func(c *websocket.Conn) error {
			op, p, err := c.ReadMessage()
			if err != nil {
				return err
			}
			return errors.Join(c.WriteMessage(op, p), c.WriteMessage(op, p))
		}, nil},
		{"an end instead", func(c *websocket.Conn) error {
			if _, _, err := c.ReadMessage(); err != nil {
				return err
			}
			return io.EOF
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := short(serve(t, tt.echo), 4, wire.Shape{Op: wire.Binary, Size: 64, Window: 4})
			cfg.Warmup = time.Minute // the error ends it
			_, err := Run(t.Context(), cfg)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %v; want %v", err, tt.want)
			}
		})
	}
}

func TestRun_stall(t *testing.T) {
	cfg := short(listen(t, func(nc net.Conn) { io.Copy(io.Discard, nc) }), 2, wire.Shape{Op: wire.Binary, Size: 1, Window: 1, Unmasked: true})
	cfg.Plain, cfg.Warmup, cfg.Patience = true, time.Minute, time.Millisecond
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "nothing moved") {
		t.Errorf("error %v; want one that says nothing moved", err)
	}
}

// A connection that echoes nothing fails the run also while others go on.
func TestRun_silentConnection(t *testing.T) {
	first := make(chan struct{}, 1)
	first <- struct{}{}
	addr := listen(t, func(nc net.Conn) {
		select {
		case <-first:
			io.Copy(nc, nc)
		default:
			io.Copy(io.Discard, nc)
		}
	})
	cfg := short(addr, 3, wire.Shape{Op: wire.Binary, Size: 1, Window: 1, Unmasked: true})
	cfg.Plain, cfg.Patience = true, 500*time.Millisecond
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "of 3 connections wait") {
		t.Errorf("error %v; want one that counts the silent connections", err)
	}
}

// What is counted is what the server did, to the message, however the clock and the sockets lie.
func TestRun_countsExactly(t *testing.T) {
	var echoed atomic.Int64
	addr := serve(t, func(c *websocket.Conn) error {
		op, p, err := c.ReadMessage()
		if err != nil {
			return err
		}
		echoed.Add(1)
		return c.WriteMessage(op, p)
	})
	for _, window := range []int{1, 64} {
		for _, warmup := range []time.Duration{0, 20 * time.Millisecond} {
			echoed.Store(0)
			cfg := short(addr, 20, wire.Shape{Op: wire.Binary, Size: 128, Window: window})
			cfg.Warmup, cfg.Loops = warmup, 2
			r, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if got := echoed.Load(); r.Total != got {
				t.Errorf("window %d, warm-up %v: %d messages in all; the server echoed %d", window, warmup, r.Total, got)
			}
			if full := int64(20 * window); r.Messages < full || r.Total-r.Messages < full && warmup > 0 || r.Total != r.Messages && warmup == 0 {
				t.Errorf("window %d, warm-up %v: %d messages measured, %d in all; want at least a window of each connection in either part",
					window, warmup, r.Messages, r.Total)
			}
		}
	}
}

func TestRun_cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	echoed := make(chan struct{}, 1)
	addr := serve(t, func(c *websocket.Conn) error {
		err := echo(c)
		select {
		case echoed <- struct{}{}:
		default:
		}
		return err
	})
	go func() { // ends with the first echo
		<-echoed
		cancel()
	}()
	cfg := short(addr, 2, wire.Shape{Op: wire.Binary, Size: 1, Window: 1})
	cfg.Measure = time.Hour
	if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want %v", err, context.Canceled)
	}
}

func TestRun_leavesNoDescriptors(t *testing.T) {
	addr := listen(t, func(nc net.Conn) { io.Copy(nc, nc) })
	cfg := short(addr, 20, wire.Shape{Op: wire.Binary, Size: 8, Window: 2, Unmasked: true})
	cfg.Plain, cfg.Loops, cfg.PID = true, 2, os.Getpid()
	run := func() {
		if _, err := Run(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	run()
	before := descriptors(t)
	run()
	// The server in this process closes its ends when it reads the reset.
	for deadline := time.Now().Add(10 * time.Second); descriptors(t) > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d descriptors; %d before", descriptors(t), before)
		}
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

package conn_test

import (
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestConn_size: what an idle connection costs on an event loop, beside its transport.
func TestConn_size(t *testing.T) {
	if bits.UintSize != 64 {
		t.Skip("of 64-bit systems")
	}
	if n := unsafe.Sizeof(conn.Conn{}); n > 112 {
		t.Errorf("a Conn has %d bytes; want at most 128", n)
	}
}

// TestDriver_atRest: between two messages a driven connection holds no input, nor what reads it, unless messages to come may refer back to those that came.
func TestDriver_atRest(t *testing.T) {
	for _, z := range append(compressions, compression{name: "none"}) {
		for _, role := range roles {
			x := overWire(t, role, z.options(), echoEvents, -1)
			x.feed()
			if conn.HasInput(x.c) {
				t.Errorf("%s: input is held before the first message", z.name)
			}
			params := z.Params
			takeover := z.Active && !params.ServerNoContextTakeover
			if role == frame.Server {
				takeover = z.Active && !params.ClientNoContextTakeover
			}
			text := proseOf(3000)
			f := x.p.frame(0x81, text)
			if z.Active {
				other := overWire(t, role.Peer(), z.options(), nil, -1)
				if err := other.c.WriteAs(t0, frame.Text, []byte(text), conn.Compressed); err != nil {
					t.Fatal(err)
				}
				f = other.w.bytes()
				other.close()
			}
			x.feed(slices.Concat(f[:1]))
			if !conn.HasInput(x.c) || x.c.Held() > 0 {
				t.Errorf("%s: in the middle of a header: input %v, %d bytes held; want no buffer", z.name, conn.HasInput(x.c), x.c.Held())
			}
			x.feed(slices.Concat(f[1:500]))
			x.feed(slices.Concat(f[500:]))
			if held := conn.HasInput(x.c); held != takeover || x.c.Held() > 0 {
				t.Errorf("%s, %v: input is held: %v, with %d bytes; want %v, with none", z.name, role, held, x.c.Held(), takeover)
			}
			x.wantArrived(1006, text)
			x.close()
			if conn.HasInput(x.c) {
				t.Errorf("%s: input is held after the end", z.name)
			}
		}
	}
}

// TestDriver_heldInput: input that is held back is held once, and the memory given back with the last of it.
func TestDriver_heldInput(t *testing.T) {
	x := overWire(t, frame.Server, &conn.Options{HighWater: 1}, echoEvents, 0)
	x.feed()
	x.write("first")
	for range 100 {
		x.feed(x.p.frame(0x82, strings.Repeat("x", 100)))
	}
	if n := x.c.Held(); n < 10_000 || n > 32<<10 {
		t.Errorf("%d bytes are held; want the 10,700 that came, in one buffer", n)
	}
	x.flush()
	if conn.HasInput(x.c) {
		t.Error("input is held when all of it was handed out")
	}
	x.close()
}

// TestDriver_declared: a length that was declared costs nothing until the bytes come.
func TestDriver_declared(t *testing.T) {
	x := overWire(t, frame.Server, &conn.Options{MaxMessage: -1}, echoEvents, -1)
	for name, tt := range declared(x.p) {
		x := overWire(t, frame.Server, &conn.Options{MaxMessage: -1}, echoEvents, -1)
		x.feed(slices.Clone(tt.stream))
		if held := x.c.Held(); held > 8<<10 {
			t.Errorf("%s: %d bytes held; want at most 8 KiB", name, held)
		}
		x.close()
	}
	x.close()
}

// TestDriver_noGoroutines: a driven connection has none.
func TestDriver_noGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	all := make([]*wired, 1000)
	for i := range all {
		x := overWire(t, frame.Server, nil, echoEvents, []int{-1, 0}[i%2])
		x.feed(x.p.frame(0x81, "m"))
		all[i] = x
	}
	if n := runtime.NumGoroutine() - before; n > 2 {
		t.Errorf("%d goroutines more with 1,000 connections; want none", n)
	}
	for _, x := range all {
		x.close()
	}
}

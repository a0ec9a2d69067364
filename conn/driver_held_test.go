package conn_test

import (
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_heldForLong: where some input is always held back, because the owner goes on feeding, what was handed out does not stay in front of it.
func TestDriver_heldForLong(t *testing.T) {
	x := overWire(t, frame.Server, &conn.Options{HighWater: 2500}, echoEvents, 0)
	x.feed()
	message := strings.Repeat("m", 996)
	for i := range 2000 {
		if i > 10 {
			x.writable(1000) // a reply
		}
		x.feed(x.p.frame(0x82, message))
		if i > 10 && !x.d.Paused() && x.c.Held() == 0 {
			t.Fatal("nothing is held back")
		}
	}
	if n := x.c.Held(); n > 32<<10 {
		t.Errorf("%d bytes are held for some 8 messages of 1,000", n)
	}
	x.flush()
	x.close()
}

// TestDriver_pausedEnd: a connection that has ended while it was paused is read to its end, as any other is.
func TestDriver_pausedEnd(t *testing.T) {
	opts, _ := reports()
	opts.HighWater = 1
	x := overWire(t, frame.Server, opts, &conn.Events{
		OnMessage: echoEvents.OnMessage,
		OnDrain:   func(*conn.Conn) { panic("the reason of the panic") },
	}, 0)
	x.feed(x.p.frame(0x82, "first"), x.p.frame(0x82, "held back"))
	if !x.d.Paused() {
		t.Error("the driver is not paused")
	}
	if err := x.writable(-1); err == nil || x.d.Paused() {
		t.Errorf("Writable: %v, and Paused() = %v; want the end, and the peer's to be read", err, x.d.Paused())
	}
	if !x.d.End(nil) {
		t.Error("a driver whose peer has gone does not end")
	}
}

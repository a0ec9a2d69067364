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

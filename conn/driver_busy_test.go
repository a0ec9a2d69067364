package conn_test

import (
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_writableForLong: the owner sends what was queued when it is told of room, and not all that others go on adding as long as the transport takes it.
func TestDriver_writableForLong(t *testing.T) {
	const most = 200
	drains := 0
	x := overWire(t, frame.Server, nil, &conn.Events{OnDrain: func(*conn.Conn) { drains++ }}, 0)
	x.feed()
	for range 50 {
		x.write(strings.Repeat("x", 20_000))
	}
	writes, back, done := 0, make(chan struct{}), make(chan struct{})
	x.w.taken = func([]byte, int) { // one write at a time
		switch writes++; writes {
		case 100:
			select {
			case <-back:
			case <-limitedTime(t).Done():
				t.Error("Writable still sends what others add")
			}
		case most:
			close(done)
			return
		}
		inBackground(func() error { x.write("more"); return nil })()
	}
	if err := x.writable(-1); err != nil || drains != 1 {
		t.Errorf("Writable: %v; OnDrain was called %d times; want once", err, drains)
	}
	close(back)
	<-done
	x.close()
}

package conn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_pausesAtHighWater: when more than HighWater bytes wait, nothing is handed out behind the message that is being handled, until half of them
// have left. Nothing is lost, and nothing changes its place.
func TestDriver_pausesAtHighWater(t *testing.T) {
	for _, tt := range []struct {
		highWater int
		handled   int // messages of 1,000 bytes that are, of which the transport takes none, with 3 bytes ahead of them
	}{{1, 0}, {1002, 1}, {1003, 2}, {2500, 3}, {10_000, 10}, {0, 66}, {-1, 200}} {
		for _, piece := range []int{1 << 20, 2000, 7} {
			t.Run(fmt.Sprintf("HighWater=%d/pieces of %d", tt.highWater, piece), func(t *testing.T) {
				handled := 0
				ev := &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
					handled++
					c.Write(t0, m.Op, m.Data)
				}}
				x := overWire(t, frame.Server, &conn.Options{HighWater: tt.highWater}, ev, 0)
				x.write("x")
				var stream []byte
				want := []string{"x"}
				for i := range 200 {
					want = append(want, strings.Repeat(string(rune('a'+i%26)), 1000))
					stream = append(stream, x.p.frame(0x82, want[i+1])...)
				}
				for p := range slices.Chunk(stream, piece) { // all of it: an owner may have read more than it knew of
					x.feed(p)
				}
				if handled != tt.handled || x.d.Paused() != (tt.handled < 200) {
					t.Errorf("%d messages were handled, Paused() = %v; want %d", handled, x.d.Paused(), tt.handled)
				}
				for x.c.Buffered() > 0 {
					before := handled
					x.writable(300)
					if waiting := x.c.Buffered(); x.d.Paused() && before == handled && waiting <= x.highWater()/2 {
						t.Fatalf("%d bytes wait, and input is still held back; want it to go on at %d", waiting, x.highWater()/2)
					}
				}
				x.wantArrived(closecode.AbnormalClosure, want...)
				x.close()
			})
		}
	}
}

func (x *wired) highWater() int {
	if x.opts == nil || x.opts.HighWater == 0 {
		return conn.DefaultHighWater
	}
	return x.opts.HighWater
}

// TestDriver_pausesByHalves: between the mark and half of it, input waits, whether more of it comes or not.
func TestDriver_pausesByHalves(t *testing.T) {
	handled := 0
	ev := &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
		if handled++; handled == 1 {
			c.Write(t0, m.Op, make([]byte, 1096))
		}
	}}
	x := overWire(t, frame.Server, &conn.Options{HighWater: 1000}, ev, 0)
	x.feed(x.p.frame(0x81, "1"))
	x.feed(x.p.frame(0x81, "2"))
	for _, tt := range []struct {
		room    int
		handled int
	}{{100, 1}, {300, 1}, {199, 1}, {0, 1}, {1, 4}} {
		x.feed()
		x.writable(tt.room)
		x.feed(x.p.frame(0x89, "ping"))
		if tt.handled == 1 {
			x.feed()
		}
		if want := tt.handled == 1; x.d.Paused() != want || handled > 1 == want {
			t.Errorf("%d bytes wait: Paused() = %v, %d messages handled; want %v", x.c.Buffered(), x.d.Paused(), handled, want)
		}
	}
	x.flush()
	if got := x.frames(); len(got) != 2 || got[1].payload != "ping" {
		t.Errorf("%d frames; want the message and one pong for the latest ping", len(got))
	}
	x.close()
}

// TestDriver_pausedWithoutInput: the message that makes the queue too long is the last one for now. Input goes on all the same.
func TestDriver_pausedWithoutInput(t *testing.T) {
	for _, role := range roles {
		x := overWire(t, role, nil, echoEvents, 10)
		x.feed(x.p.frame(0x82, binaryOf(100_000)))
		if !x.d.Paused() {
			t.Error("100,000 bytes wait, and the driver is not paused")
		}
		x.flush()
		if x.d.Paused() {
			t.Error("nothing waits, and the driver is paused")
		}
		x.feed(x.p.frame(0x82, "more"))
		x.wantArrived(closecode.AbnormalClosure, binaryOf(100_000), "more")
		x.close()
	}
}

// TestDriver_pausedBehindAStream: replies wait behind a NextWriter's message. Its end, which Writable does not tell of, must not leave the driver
// paused.
func TestDriver_pausedBehindAStream(t *testing.T) {
	x := overWire(t, frame.Server, nil, echoEvents, 10)
	w, err := x.c.NextWriter(t0, frame.Text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(textOf(20_000))); err != nil {
		t.Fatal(err)
	}
	x.feed(x.p.frame(0x82, binaryOf(100_000)), x.p.frame(0x82, "more"))
	if !x.d.Paused() {
		t.Error("120,000 bytes wait, and the driver is not paused")
	}
	if err := x.writable(-1); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if x.d.Paused() || x.c.Buffered() > 0 {
		t.Errorf("Paused() = %v with %d bytes in the queue; want false, the transport takes all", x.d.Paused(), x.c.Buffered())
	}
	x.wantArrived(closecode.AbnormalClosure, textOf(20_000), binaryOf(100_000), "more")
	x.close()
}

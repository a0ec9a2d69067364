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

// TestDriver_drains: OnDrain is called when all that was queued has left, not before, and once each time.
func TestDriver_drains(t *testing.T) {
	var left []int
	x := overWire(t, frame.Server, nil, &conn.Events{OnDrain: func(c *conn.Conn) { left = append(left, c.Buffered()) }}, -1)
	x.feed()
	x.write("taken at once")
	x.writable(0)
	if left != nil {
		t.Error("OnDrain was called where nothing was queued")
	}
	for round := range 3 {
		for range 100 {
			x.write(strings.Repeat("x", 1000))
		}
		for x.c.Buffered() > 0 {
			if len(left) != round {
				t.Fatalf("OnDrain was called %d times with %d bytes queued; want %d", len(left), x.c.Buffered(), round)
			}
			x.writable(30_000)
		}
		if len(left) != round+1 || left[round] != 0 {
			t.Fatalf("OnDrain was called %d times, with %v bytes queued; want %d, with none", len(left), left, round+1)
		}
		x.writable(0)
		x.writable(0)
	}
	x.close()
}

// TestDriver_drainsBehindOpen: OnOpen is before anything else, also where what was written before the first Feed was queued.
func TestDriver_drainsBehindOpen(t *testing.T) {
	var j journal
	ev := j.events(nil)
	ev.OnDrain = func(*conn.Conn) { j.note("drain") }
	x := overWire(t, frame.Server, nil, ev, 0)
	x.write("early")
	x.flush()
	x.feed(x.p.frame(0x81, "m"))
	x.close()
	j.want(t, "open", "drain", "text m", "close")
}

// TestDriver_drainsInOrder: OnDrain comes before the input that was held back, and what it writes before the replies to that.
func TestDriver_drainsInOrder(t *testing.T) {
	var j journal
	ev := j.events(func(c *conn.Conn, call string) {
		if call == "message" {
			c.Write(t0, frame.Binary, []byte("reply"))
		}
	})
	ev.OnDrain = func(c *conn.Conn) {
		j.note("drain")
		c.Write(t0, frame.Binary, []byte("drained"))
	}
	x := overWire(t, frame.Server, &conn.Options{HighWater: 1}, ev, 0)
	x.feed()
	x.write("first")
	x.feed(x.p.frame(0x81, "m"))
	x.flush()
	x.wantArrived(closecode.AbnormalClosure, "first", "drained", "reply")
	x.close()
	j.want(t, "open", "drain", "text m", "close")
}

// TestDriver_drainEnds: a function that ends the connection in OnDrain, or breaks down there, is the last but OnClose.
func TestDriver_drainEnds(t *testing.T) {
	for name, end := range map[string]func(c *conn.Conn){
		"Close": func(c *conn.Conn) { c.Close() },
		"panic": func(*conn.Conn) { panic("the reason of the panic") },
	} {
		opts, log := reports()
		opts.HighWater = 1
		var j journal
		ev := j.events(nil)
		ev.OnDrain = func(c *conn.Conn) {
			j.note("drain")
			end(c)
		}
		x := overWire(t, frame.Server, opts, ev, 0)
		x.feed()
		x.write("first")
		x.feed(x.p.frame(0x81, "m"))
		if err := x.writable(-1); err == nil {
			t.Errorf("%s: Writable: no error", name)
		}
		x.d.End(nil)
		j.want(t, "open", "drain", "close")
		if got := log.Len() > 0; got != (name == "panic") {
			t.Errorf("%s: the log has %q", name, log)
		}
		code := closecode.AbnormalClosure
		if name == "panic" {
			code = closecode.InternalError
		}
		x.wantArrived(code, "first")
	}
}

// TestDriver_writableMeanwhile: the transport has room again before the goroutine whose write it has refused knows of that. Nothing is lost, and
// nothing waits for a Writable that has come already.
func TestDriver_writableMeanwhile(t *testing.T) {
	for _, size := range ways {
		for _, role := range roles {
			for at := range 3 {
				t.Run(fmt.Sprintf("%d bytes/%v/write %d", size, role, at), func(t *testing.T) {
					x := overWire(t, role, nil, nil, -1)
					x.feed()
					n := 0
					x.w.plug = func(p []byte) int {
						if n++; n <= 3 {
							return len(p) / 2
						}
						return len(p)
					}
					x.w.taken = func(p []byte, took int) {
						if took == len(p) {
							return
						}
						inBackground(func() error { x.write(fmt.Sprint("during write ", n)); return nil })()
						if n > at {
							x.w.allow(-1)
							x.d.Writable()
						}
					}
					x.write(strings.Repeat("x", size))
					for x.w.isBlocked() {
						x.writable(-1)
					}
					if left := x.c.Buffered(); left != 0 {
						t.Errorf("%d bytes wait for a transport that was not asked", left)
					}
					got, _ := x.arrived()
					if len(got) != 4 || len(got[0]) != size || !slices.Equal(got[1:], []string{"during write 1", "during write 2", "during write 3"}) {
						t.Errorf("%d messages arrive, %.40q; want the first of %d bytes, and one for each write", len(got), got, size)
					}
					x.close()
				})
			}
		}
	}
}

// TestDriver_writableByMistake: Writable where nothing is blocked, as an edge-triggered loop may call it during a write, counts for no later one.
func TestDriver_writableByMistake(t *testing.T) {
	x := overWire(t, frame.Server, nil, nil, -1)
	x.feed()
	x.w.taken = func([]byte, int) { x.d.Writable() }
	x.write("one")
	x.w.taken = nil
	x.w.allow(0)
	x.write("two")
	x.flush()
	x.wantArrived(closecode.AbnormalClosure, "one", "two")
	x.close()
}

// TestDriver_partialWrites: wherever the transport stops taking bytes of a message, it goes on there.
func TestDriver_partialWrites(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 16 << 10, 16<<10 + 1, 40_000} {
		for _, role := range roles {
			offsets := []int{0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 16<<10 - 1, 16 << 10, 16<<10 + 3, 16<<10 + 4, 16<<10 + 5, size - 1, size, size + 3, size + 4}
			for _, at := range offsets {
				if at < 0 {
					continue
				}
				x := overWire(t, role, nil, nil, at)
				x.write(binaryOf(size))
				x.write("next")
				if x.w.isBlocked() {
					x.writable(1)
					x.flush()
				}
				x.wantArrived(closecode.AbnormalClosure, binaryOf(size), "next")
				x.close()
			}
		}
	}
}

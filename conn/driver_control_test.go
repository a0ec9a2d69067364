package conn_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_pingFlood: 300,000 pings of a peer that reads nothing: one pong is owed, and no memory grows.
func TestDriver_pingFlood(t *testing.T) {
	for _, role := range roles {
		pings := 0
		x := overWire(t, role, nil, &conn.Events{OnPing: func(*conn.Conn, []byte) { pings++ }}, 5)
		x.feed()
		x.write("blocks the transport")
		waits := x.c.Buffered()
		for range 300 {
			var b []byte
			for range 1000 {
				b = append(b, x.p.ping()...)
			}
			x.feed(b)
		}
		if n := x.c.Buffered(); n != waits || x.d.Paused() || pings != 300_000 {
			t.Errorf("%d bytes wait after %d pings; want %d after 300,000, and input that goes on", n, pings, waits)
		}
		x.flush()
		if got := x.payloads(); got != "blocks the transport 300000" {
			t.Errorf("the peer reads %.100q; want one pong, for the latest ping", got)
		}
		x.close()
	}
}

// TestDriver_controlWhileBlocked: control frames do not wait behind the queue, only behind what has begun to leave, and are bounded.
func TestDriver_controlWhileBlocked(t *testing.T) {
	x := overWire(t, frame.Server, nil, nil, 5)
	x.write("first")
	x.write("queued")
	if err := x.c.WritePing([]byte("ping")); err != nil {
		t.Error(err)
	}
	if err := x.c.WritePong([]byte("pong")); err != nil {
		t.Error(err)
	}
	x.flush()
	if got := x.payloads(); got != "first ping pong queued" {
		t.Errorf("the peer reads %q; want the control frames before what was queued", got)
	}
	x.w.allow(0)
	n := 0
	for ; n < 2000; n++ {
		if err := x.c.WritePing(make([]byte, 100)); err != nil {
			if errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			break
		}
	}
	if waits := x.c.Buffered(); n == 2000 || waits > 90<<10 {
		t.Errorf("%d pings were taken, %d bytes wait; want an error after 90 KiB at most", n, waits)
	}
	x.flush()
	x.close()
}

// TestDriver_ping: from a function of Events Ping would wait for ever, and is refused; elsewhere it works.
func TestDriver_ping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := 0
		ping := func(c *conn.Conn) {
			if _, err := c.Ping(t0); err != nil && strings.Contains(err.Error(), "event loop") && !errors.Is(err, net.ErrClosed) {
				refused++
			}
		}
		x := overWire(t, frame.Client, nil, &conn.Events{
			OnOpen:    ping,
			OnMessage: func(c *conn.Conn, _ conn.Message) { ping(c) },
			OnPing:    func(c *conn.Conn, _ []byte) { ping(c) },
			OnDrain:   ping,
		}, -1)
		x.feed(x.p.frame(0x81, "m"), x.p.frame(0x89, ""))
		x.w.allow(0)
		x.write("m")
		x.flush()
		if refused != 4 {
			t.Errorf("Ping was refused %d times; want 4", refused)
		}
		waits := inBackground(func() error {
			trip, err := x.c.Ping(t0)
			if trip != time.Second {
				t.Errorf("Ping took %v; want 1s", trip)
			}
			return err
		})
		synctest.Wait()
		time.Sleep(time.Second)
		for _, f := range x.frames() {
			if f.Opcode == frame.Ping {
				x.feed(x.p.frame(0x8A, f.payload))
				break
			}
		}
		if err := waits(); err != nil {
			t.Error(err)
		}
		ended := inBackground(func() error { _, err := x.c.Ping(t0); return err })
		synctest.Wait()
		x.close()
		if err := ended(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Ping: %v; want the end of the connection", err)
		}
	})
}

// TestDriver_SetWriteDeadline: a deadline that passes while something waits ends the connection; one that was moved or cleared, or passes while nothing does,
// does not.
func TestDriver_SetWriteDeadline(t *testing.T) {
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	set := func(x *wired, at time.Time) {
		if err := x.c.SetWriteDeadline(at); err != nil {
			x.t.Errorf("SetWriteDeadline: %v", err)
		}
	}
	for name, tt := range map[string]struct {
		run   func(x *wired)
		after time.Duration // negative: it does not end
	}{
		"set before":         {func(x *wired) { set(x, in(time.Minute)); x.write("m") }, time.Minute},
		"set while blocked":  {func(x *wired) { x.write("m"); set(x, in(time.Minute)) }, time.Minute},
		"in the past":        {func(x *wired) { x.write("m"); set(x, time.Unix(1, 0)) }, 0},
		"passed before":      {func(x *wired) { set(x, time.Unix(1, 0)); x.write("m") }, 0},
		"moved later":        {func(x *wired) { set(x, in(time.Second)); x.write("m"); set(x, in(time.Minute)) }, time.Minute},
		"moved earlier":      {func(x *wired) { set(x, in(time.Hour)); x.write("m"); set(x, in(time.Minute)) }, time.Minute},
		"cleared":            {func(x *wired) { set(x, in(time.Second)); x.write("m"); set(x, time.Time{}) }, -1},
		"nothing waits":      {func(x *wired) { set(x, in(time.Second)) }, -1},
		"all has left":       {func(x *wired) { set(x, in(time.Second)); x.write("m"); x.flush() }, -1},
		"some has left":      {func(x *wired) { set(x, in(time.Minute)); x.write("m"); x.writable(1) }, time.Minute},
		"blocked once more":  {func(x *wired) { set(x, in(time.Minute)); x.write("m"); x.flush(); x.w.allow(0); x.write("m") }, time.Minute},
		"while it is closed": {func(x *wired) { set(x, in(time.Second/2)); x.d.Feed(x.p.frame(0x88, "\x03\xE8")) }, time.Second / 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := overWire(t, frame.Server, nil, nil, 0)
				x.feed()
				closed := make(chan struct{})
				x.w.end = func() { close(closed) }
				begun := time.Now()
				tt.run(x)
				select {
				case <-closed:
					if took := time.Since(begun); took != tt.after {
						t.Errorf("the transport was closed after %v; want %v", took, tt.after)
					}
				case <-time.After(2 * time.Hour):
					if tt.after >= 0 {
						t.Errorf("the transport was not closed; want it after %v", tt.after)
					}
				}
				_, err := x.c.Read(t0)
				code, _ := closecode.Of(err)
				if tt.after >= 0 && code == closecode.AbnormalClosure && !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("the end is %v; want %v", err, os.ErrDeadlineExceeded)
				}
				if tt.after < 0 {
					x.c.Close()
				}
				x.d.End(nil)
				if err := x.c.SetWriteDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
					t.Errorf("SetWriteDeadline on the ended connection: %v", err)
				}
			})
		})
	}
}

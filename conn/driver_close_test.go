package conn_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// owned runs f in a bubble with a driven connection of which the journal notes what is called, OnClose among it with the time that has passed since.
func owned(t *testing.T, role frame.Role, opts *conn.Options, room int, f func(t *testing.T, x *wired, ended func() (time.Duration, error))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		ev := &conn.Events{OnClose: func(_ *conn.Conn, e error) { err = e }}
		x := overWire(t, role, opts, ev, room)
		closed := make(chan struct{})
		x.w.end = func() { close(closed) }
		x.feed()
		begun := time.Now()
		// ended waits until the transport is closed, and ends the driver.
		f(t, x, func() (time.Duration, error) {
			t.Helper()
			<-closed
			took := time.Since(begun)
			if err != nil {
				t.Errorf("OnClose was called with %v before End", err)
			}
			if !x.d.End(nil) {
				t.Error("a driver whose transport is closed does not end")
			}
			wantSameEnd(t, x.c, err)
			time.Sleep(time.Hour) // nothing is left that the race detector or the wire could complain of
			return took, err
		})
	})
}

// TestDriver_closeBehindTheQueue: a Close frame is sent behind all that is queued, whoever begins, and all of it arrives.
func TestDriver_closeBehindTheQueue(t *testing.T) {
	for name, tt := range map[string]struct {
		begin func(t *testing.T, x *wired)
		code  closecode.Code
	}{
		"Driver.Shutdown": {func(t *testing.T, x *wired) {
			if err := x.d.Shutdown(t0, closecode.GoingAway, "bye"); err != nil {
				t.Error(err)
			}
		}, closecode.GoingAway},
		"Conn.Shutdown, elsewhere": {func(t *testing.T, x *wired) {
			go x.c.Shutdown(t0, closecode.GoingAway, "bye")
			synctest.Wait()
		}, closecode.GoingAway},
		"the peer": {func(t *testing.T, x *wired) { x.d.Feed(x.p.frame(0x88, "\x03\xE9")) }, closecode.GoingAway},
		"a breach": {func(t *testing.T, x *wired) { x.d.Feed(x.p.frame(0x83, "")) }, closecode.ProtocolError},
	} {
		for _, role := range roles {
			t.Run(name+"/"+role.String(), func(t *testing.T) {
				owned(t, role, &conn.Options{HighWater: -1}, 100, func(t *testing.T, x *wired, ended func() (time.Duration, error)) {
					var want []string
					for i := range 50 {
						want = append(want, strings.Repeat(string(rune('a'+i%26)), 700*i))
						x.write(want[i])
					}
					tt.begin(t, x)
					if err := x.c.Write(t0, frame.Text, nil); err == nil {
						t.Error("Write behind the Close frame: no error")
					}
					for x.c.Buffered() > 0 && !x.w.isClosed() {
						x.writable(10_007)
					}
					x.wantArrived(tt.code, want...)
					if name != "the peer" && name != "a breach" {
						x.d.Feed(x.p.frame(0x88, "\x03\xE9"))
					}
					if half := x.w.half; half != (role == frame.Server || name == "a breach") {
						t.Errorf("CloseWrite was called: %v", half)
					}
					if !x.d.End(io.EOF) {
						t.Error("all is sent, and the driver does not end when the peer closes its side")
					}
				})
			})
		}
	}
}

// TestDriver_closeBounds: a peer that takes nothing, or does not answer, or never closes its side, is cut off in time.
func TestDriver_closeBounds(t *testing.T) {
	timeout := func(d time.Duration) *conn.Options { return &conn.Options{CloseTimeout: d} }
	short := func(x *wired) context.Context {
		ctx, cancel := context.WithTimeout(t0, 300*time.Millisecond)
		x.t.Cleanup(cancel)
		return ctx
	}
	for _, tt := range []struct {
		name  string
		opts  *conn.Options
		begin func(x *wired)
		after time.Duration
		code  closecode.Code // of the end
	}{
		{"Shutdown", nil, func(x *wired) { x.d.Shutdown(t0, closecode.NormalClosure, "") }, conn.DefaultCloseTimeout, closecode.AbnormalClosure},
		{"CloseTimeout", timeout(time.Minute), func(x *wired) { x.d.Shutdown(t0, closecode.NormalClosure, "") }, time.Minute, closecode.AbnormalClosure},
		{"ctx", nil, func(x *wired) { x.d.Shutdown(short(x), closecode.NormalClosure, "") }, 300 * time.Millisecond, closecode.AbnormalClosure},
		{"ctx alone", timeout(-1), func(x *wired) { x.d.Shutdown(short(x), closecode.NormalClosure, "") }, 300 * time.Millisecond, closecode.AbnormalClosure},
		{"ctx of a second one", nil, func(x *wired) {
			x.d.Shutdown(t0, closecode.NormalClosure, "")
			x.d.Shutdown(short(x), closecode.GoingAway, "")
		}, 300 * time.Millisecond, closecode.AbnormalClosure},
		{"ctx of the first one", timeout(-1), func(x *wired) {
			ctx, cancel := context.WithTimeout(t0, time.Minute)
			x.t.Cleanup(cancel)
			x.d.Shutdown(short(x), closecode.NormalClosure, "")
			x.d.Shutdown(ctx, closecode.GoingAway, "")
		}, 300 * time.Millisecond, closecode.AbnormalClosure},
		{"an ended ctx", nil, func(x *wired) {
			ctx, cancel := context.WithCancel(t0)
			cancel()
			x.d.Shutdown(ctx, closecode.NormalClosure, "")
		}, 0, closecode.AbnormalClosure},
		{"Conn.Shutdown, elsewhere", nil, func(x *wired) { go x.c.Shutdown(t0, closecode.NormalClosure, "") }, conn.DefaultCloseTimeout, closecode.AbnormalClosure},
		{"the same, with ctx", nil, func(x *wired) { go x.c.Shutdown(short(x), closecode.NormalClosure, "") }, 300 * time.Millisecond, closecode.AbnormalClosure},
		{"the peer's Close", nil, func(x *wired) { x.d.Feed(x.p.frame(0x88, "\x03\xE9")) }, time.Second, closecode.GoingAway},
		{"the peer's answer", nil, func(x *wired) {
			x.d.Shutdown(t0, closecode.NormalClosure, "")
			time.Sleep(time.Second / 2)
			x.d.Feed(x.p.frame(0x88, "\x03\xE9"))
		}, time.Second * 3 / 2, closecode.NormalClosure},
		{"a breach", nil, func(x *wired) { x.d.Feed(x.p.frame(0x83, "")) }, time.Second, closecode.ProtocolError},
		{"a breach, and the peer goes on", nil, func(x *wired) {
			x.d.Feed(x.p.frame(0x83, ""))
			for range 256 {
				x.d.Feed(make([]byte, 1024))
			}
			if x.w.isClosed() {
				x.t.Error("the transport is closed after 256 KiB; want it to be after more")
			}
			x.d.Feed(make([]byte, 1))
		}, 0, closecode.ProtocolError},
		{"Close", nil, func(x *wired) { x.c.Close() }, 0, closecode.AbnormalClosure},
	} {
		for _, room := range []int{0, 50, -1} {
			t.Run(fmt.Sprintf("%s/room=%d", tt.name, room), func(t *testing.T) {
				owned(t, frame.Client, tt.opts, room, func(t *testing.T, x *wired, ended func() (time.Duration, error)) {
					x.write("first")
					x.write("second")
					tt.begin(x)
					took, err := ended()
					if code, _ := closecode.Of(err); took != tt.after || code != tt.code {
						t.Errorf("the transport was closed after %v, with %v; want %v and code %v", took, err, tt.after, tt.code)
					}
				})
			})
		}
	}
}

// TestDriver_halfClosed: the peer closes its side while output waits. All of it still arrives, and then the transport is closed; a peer that does not take
// it has a second.
func TestDriver_halfClosed(t *testing.T) {
	for _, room := range []int{-1, 0, 5000} {
		for _, role := range roles {
			owned(t, role, nil, room, func(t *testing.T, x *wired, ended func() (time.Duration, error)) {
				var want []string
				for i := range 10 {
					want = append(want, strings.Repeat(string(rune('a'+i)), 3000*i))
					x.write(want[i])
				}
				if room < 0 {
					if !x.d.End(io.EOF) || !x.w.isClosed() {
						t.Error("End = false with nothing to be sent")
					}
					x.wantArrived(closecode.AbnormalClosure, want...)
					return
				}
				if x.d.End(io.EOF) {
					t.Fatal("End = true with output that waits")
				}
				if err := x.c.Write(t0, frame.Text, nil); !errors.Is(err, io.EOF) {
					t.Errorf("Write after the peer's end: %v; want it to have io.EOF in its tree", err)
				}
				if err := x.d.Feed(nil); !errors.Is(err, io.EOF) {
					t.Errorf("Feed after the peer's end: %v; want it to have io.EOF in its tree", err)
				}
				for !x.w.isClosed() {
					time.Sleep(time.Millisecond)
					x.writable(4000)
				}
				x.wantArrived(closecode.AbnormalClosure, want...)
				if took, err := ended(); took > 50*time.Millisecond || !errors.Is(err, io.EOF) {
					t.Errorf("the transport was closed after %v, with %v; want it when all was sent, with io.EOF", took, err)
				}
			})
			owned(t, role, nil, 0, func(t *testing.T, x *wired, ended func() (time.Duration, error)) {
				x.write("is not taken")
				if x.d.End(io.EOF) {
					t.Fatal("End = true with output that waits")
				}
				if took, _ := ended(); took != time.Second {
					t.Errorf("the transport was closed after %v; want 1 s", took)
				}
			})
			owned(t, role, nil, 0, func(t *testing.T, x *wired, ended func() (time.Duration, error)) {
				x.write("is not taken")
				reset := errors.New("reset by the peer")
				if !x.d.End(reset) || !x.w.isClosed() {
					t.Error("a driver that lost its peer does not end")
				}
				if _, err := x.c.Read(t0); !errors.Is(err, reset) {
					t.Errorf("the end is %v; want it to have %v in its tree", err, reset)
				}
			})
		}
	}
	// The closing handshake is done, its last frame waits, and the peer has closed its side already.
	owned(t, frame.Server, nil, 0, func(t *testing.T, x *wired, ended func() (time.Duration, error)) {
		x.d.Feed(x.p.frame(0x88, "\x03\xE8"))
		if x.d.End(io.EOF) {
			t.Fatal("End = true with a Close frame that waits")
		}
		x.writable(-1)
		if x.w.half {
			t.Error("a transport whose other side is closed is closed by half, not whole")
		}
		x.wantArrived(closecode.NormalClosure)
		if took, err := ended(); took != 0 || !errors.As(err, new(*conn.CloseError)) {
			t.Errorf("the end is %v after %v", err, took)
		}
	})
}

package conn_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// sizes of messages that are sent in different ways: beside their header, through, with others gathered.
var ways = []int{0, 100, 16 << 10, 16<<10 + 1, 100_000}

// TestDriver_transportError: an error of the transport ends the connection, whatever the message, whether it has taken a part or nothing or all, and whoever
// writes. The writer gets the end, which has the transport's error in its tree.
func TestDriver_transportError(t *testing.T) {
	broken := errors.New("the transport is broken")
	for _, size := range ways {
		for _, room := range []int{0, 1, 16 << 10, 16<<10 + 9, 50_000} {
			for _, tt := range []struct {
				name string
				err  error // of the transport
				want error
			}{{"an error", broken, broken}, {"a short write", nil, io.ErrShortWrite}, {"a wrapped error", fmt.Errorf("tls: %w", broken), broken}} {
				for _, role := range roles {
					closed := 0
					x := overWire(t, role, nil, &conn.Events{OnClose: func(c *conn.Conn, err error) {
						closed++
						wantEndErr(t, err, tt.want)
					}}, -1)
					x.feed()
					left := room
					x.w.plug = func(p []byte) int {
						n := min(left, len(p))
						left -= n
						if n < len(p) {
							x.w.err, x.w.short = tt.err, tt.err == nil
						}
						return n
					}
					for range 60_000 { // the first, unless there is room for it
						if err := x.c.Write(t0, frame.Binary, make([]byte, size)); err != nil {
							wantEndErr(t, err, tt.want)
							break
						}
					}
					if !x.w.isClosed() {
						t.Errorf("%s, %d bytes, room for %d: the transport is not closed", tt.name, size, room)
					}
					if err := x.d.Feed(nil); err == nil {
						t.Error("Feed on the ended connection: no error")
					}
					if !x.d.End(nil) || closed != 1 {
						t.Errorf("OnClose was called %d times; want once", closed)
					}
					if n := x.c.Buffered(); n != 0 {
						t.Errorf("%s: %d bytes are kept", tt.name, n)
					}
					_, err := x.c.Read(t0)
					wantSameEnd(t, x.c, err)
				}
			}
		}
	}
}

func wantEndErr(t *testing.T, err, want error) {
	t.Helper()
	if e, ok := errors.AsType[*conn.CloseError](err); !ok || e.Code != closecode.AbnormalClosure || !errors.Is(err, want) {
		t.Errorf("the end is %v; want code 1006 and %v", err, want)
	}
}

// TestDriver_errorLater: an error that comes when a queue is being sent is Writable's, and that of the writes that follow.
func TestDriver_errorLater(t *testing.T) {
	broken := errors.New("the transport is broken")
	x := overWire(t, frame.Server, nil, nil, 0)
	x.feed()
	for range 100 {
		x.write(strings.Repeat("x", 2000))
	}
	x.w.plug = func([]byte) int {
		x.w.err = broken
		return 0
	}
	wantEndErr(t, x.writable(0), broken)
	wantEndErr(t, x.c.Write(t0, frame.Text, nil), broken)
	if n := x.c.Buffered(); n != 0 {
		t.Errorf("%d bytes are kept", n)
	}
	if !x.d.End(nil) {
		t.Error("End = false")
	}
}

// TestDriver_closedMeanwhile closes the connection while its transport takes bytes, all of them, some or none: no other call follows, and nothing is kept.
func TestDriver_closedMeanwhile(t *testing.T) {
	for _, size := range ways {
		for _, room := range []int{-1, 0, 50, 17_000} {
			for name, end := range map[string]func(x *wired){
				"Close": func(x *wired) { x.c.Close() },
				"Close, after a Shutdown": func(x *wired) {
					x.d.Shutdown(t0, closecode.GoingAway, "")
					x.c.Close()
				},
				"the peer's Close, then the end of the time for it": func(x *wired) {
					x.d.Feed(x.p.frame(0x88, ""))
					x.c.Close()
				},
				"a breach, and more than is listened to": func(x *wired) {
					x.d.Feed(x.p.frame(0x83, ""))
					x.d.Feed(make([]byte, 300_000))
				},
			} {
				x := overWire(t, frame.Server, nil, nil, room)
				x.feed()
				x.w.taken = func([]byte, int) {
					x.w.taken = nil
					x.write("another")
					x.write(strings.Repeat("large ", 10_000))
					end(x)
				}
				x.c.Write(t0, frame.Binary, make([]byte, size))
				if !x.w.isClosed() {
					t.Errorf("%s, %d bytes, room for %d: the transport is not closed", name, size, room)
				}
				if n := x.c.Buffered(); n != 0 {
					t.Errorf("%s, %d bytes, room for %d: %d bytes are kept", name, size, room, n)
				}
				if !x.d.End(nil) {
					t.Error("End = false")
				}
			}
		}
	}
}

package conn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestServe_afterTheEnd: where a Shutdown was first, Serve tells OnClose and nobody else.
func TestServe_afterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Client, nil)
		shutdown := inBackground(func() error { return c.Shutdown(t.Context(), closecode.NormalClosure, "") })
		synctest.Wait() // it reads
		var during, after journal
		wait := inBackground(func() error { return c.Serve(t.Context(), during.events(nil)) })
		synctest.Wait()
		far.sendClose(closecode.NormalClosure, "")
		far.rw.Close()
		err := wait()
		if got := c.Serve(t.Context(), after.events(nil)); got != err {
			t.Errorf("Serve during Shutdown: %v, and after it: %v; want the same", err, got)
		}
		during.want(t, "close")
		after.want(t, "close")
		if err := shutdown(); err != nil {
			t.Error(err)
		}
	})
}

// TestServe_oneReader: a second reader is refused, also from within a callback, and the first goes on.
func TestServe_oneReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		refused := func(when string) {
			var second journal
			_, readErr := c.Read(t.Context())
			_, _, readerErr := c.NextReader(t.Context())
			for what, err := range map[string]error{
				"Read": readErr, "NextReader": readerErr, "Serve": c.Serve(t.Context(), second.events(nil)),
			} {
				if err == nil || errors.Is(err, net.ErrClosed) {
					t.Errorf("%s %s: %v; want a refusal", what, when, err)
				}
			}
			second.want(t)
		}
		var j journal
		wait := inBackground(func() error {
			return c.Serve(t.Context(), j.events(func(_ *conn.Conn, call string) {
				if call != "close" {
					refused("in a callback")
				}
			}))
		})
		synctest.Wait()
		refused("while Serve waits")
		far.allEvents()
		far.wantClose(closecode.NormalClosure, "")
		far.rw.Close()
		wantEnd(t, c, wait(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
		j.want(t, "open", "ping p", "pong q", "text message", "close")
	})
}

// TestServe_lost: the peer goes away in every place of a message.
func TestServe_lost(t *testing.T) {
	eachServing(t, func(t *testing.T, s serving) {
		overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
			b := new(farEnd).appendFrame(nil, frame.Text, true, bytes.Repeat([]byte("x"), 200))
			for cut := range 8 {
				c, far := over(t, frame.Client, nil)
				far.sendRaw(b[:cut])
				far.rw.Close()
				var j journal
				wantEnd(t, c, s.all(c, j.events(nil)), conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
				j.want(t, "open", "close")
			}
		})
	})
}

package conn_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestClose_byPeer: the error tells what the peer's Close frame said, and the answer echoes its code.
func TestClose_byPeer(t *testing.T) {
	long := strings.Repeat("é", 61) + "." // 123 bytes
	for _, tt := range []struct {
		rfc    string
		code   closecode.Code
		reason string
	}{
		{"7.1.5: no status code", closecode.NoStatusReceived, ""},
		{"7.4.1: normal", closecode.NormalClosure, ""},
		{"7.4.1: going away", closecode.GoingAway, "a server goes down"},
		{"7.4.2: registered", 3000, "registered"},
		{"7.4.2: private", 4999, long},
	} {
		for _, role := range []frame.Role{frame.Server, frame.Client} {
			t.Run(fmt.Sprintf("%v/%v", tt.code, role), func(t *testing.T) {
				overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
					c, far := over(t, role, nil)
					b := far.appendFrame(nil, frame.Text, true, []byte("before"))
					b = far.appendFrame(b, frame.Close, true, frame.AppendClose(nil, tt.code, tt.reason))
					b = far.appendFrame(b, frame.Text, true, []byte("after"))
					far.sendRaw(b)
					if m, err := c.Read(t.Context()); err != nil || string(m.Data) != "before" {
						t.Errorf("Read before the Close: %q, %v", m.Data, err)
					}
					peer := inBackground(func() error {
						far.wantClose(tt.code, "")
						if role == frame.Server {
							far.wantEOF()
						}
						return far.rw.Close()
					})
					_, err := c.Read(t.Context())
					wantEnd(t, c, err, conn.CloseError{Code: tt.code, Reason: tt.reason, Remote: true})
					if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); err != nil {
						t.Errorf("Shutdown: %v; want nil, both Close frames were exchanged", err)
					}
					peer()
				})
			})
		}
	}
}

// TestClose_lost: a transport that ends without a Close frame is code 1006, with what happened to it.
func TestClose_lost(t *testing.T) {
	overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
		for _, sent := range [][]byte{nil, {0x81}, {0x81, 5, 'h'}, {0x01, 1, 'h'}, {0x88, 2, 3}} {
			c, far := over(t, frame.Client, nil)
			far.sendRaw(sent)
			far.rw.Close()
			_, err := c.Read(t.Context())
			wantEnd(t, c, err, conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
			if code, _ := closecode.Of(err); code != closecode.AbnormalClosure || !errors.Is(err, io.EOF) {
				t.Errorf("after %x the end is %v, code %v; want io.EOF and 1006", sent, err, code)
			}
		}
	})
}

// TestClose_anywhere calls Close from many goroutines at once, while all else is going on: it returns, everything ends, and the end stays the
// same.
func TestClose_anywhere(t *testing.T) {
	for _, caller := range callers {
		for _, stalled := range []bool{false, true} {
			if stalled && (strings.Contains(caller.name, "NextWriter") || strings.Contains(caller.name, "driver")) {
				continue
			}
			t.Run(fmt.Sprintf("%s/stalled=%v", caller.name, stalled), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, far := overPipe(t, frame.Server, nil)
					if stalled {
						stall(t, c, 1000)
						go c.Write(t.Context(), frame.Binary, make([]byte, 50_000))
					}
					go c.Ping(t.Context())
					synctest.Wait()
					begun := time.Now()
					err := caller.run(t, c, far, func() {
						var all sync.WaitGroup
						for range 4 {
							all.Go(func() { c.Shutdown(t.Context(), closecode.NormalClosure, "") }) // is cut short
							all.Go(func() {
								if err := c.Close(); err != nil {
									t.Errorf("Close: %v", err)
								}
							})
						}
						all.Wait()
					})
					if took := time.Since(begun); took > 20*time.Millisecond { // Close itself, and the NextWriter's pause
						t.Errorf("Close took %v", took)
					}
					if e, ok := errors.AsType[*conn.CloseError](err); !ok || e.Code != closecode.AbnormalClosure {
						t.Errorf("the end is %v; want a *CloseError with code 1006", err)
					}
					wantSameEnd(t, c, err)
				})
			})
		}
	}
}

// TestClose_error: the transport's own error is the first caller's.
func TestClose_error(t *testing.T) {
	broken := errors.New("broken")
	a, _ := net.Pipe()
	c := conn.New(failingClose{a, broken}, frame.Server, nil)
	if err := c.Close(); err != broken {
		t.Errorf("Close: %v; want %v", err, broken)
	}
	if err := c.Close(); err != nil {
		t.Errorf("Close again: %v; want nil", err)
	}
}

type failingClose struct {
	net.Conn
	err error
}

func (c failingClose) Close() error {
	c.Conn.Close()
	return c.err
}

// TestClose_noHalfClose: over a transport that cannot be closed by halves, a closing handshake does not wait for anything but the Close
// frames: the server closes.
func TestClose_noHalfClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		client, server := conn.New(a, frame.Client, nil), conn.New(b, frame.Server, nil)
		wait := inBackground(func() error { return server.Serve(t.Context(), nil) })
		begun := time.Now()
		if err := client.Shutdown(t.Context(), closecode.NormalClosure, ""); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("the closing handshake took %v; want no time to pass", took)
		}
		if err := wait(); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
}

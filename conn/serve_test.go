package conn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// journal notes the callbacks of one Serve in the order of their calls, without a lock: the race detector sees it when two run at once.
type journal struct{ calls []string }

func (j *journal) note(format string, a ...any) { j.calls = append(j.calls, fmt.Sprintf(format, a...)) }

// events returns Events that note every call and then call then.
func (j *journal) events(then func(c *conn.Conn, call string)) *conn.Events {
	if then == nil {
		then = func(*conn.Conn, string) {}
	}
	return &conn.Events{
		OnOpen:    func(c *conn.Conn) { j.note("open"); then(c, "open") },
		OnMessage: func(c *conn.Conn, m conn.Message) { j.note("%v %s", m.Op, m.Data); then(c, "message") },
		OnPing:    func(c *conn.Conn, p []byte) { j.note("ping %s", p); then(c, "ping") },
		OnPong:    func(c *conn.Conn, p []byte) { j.note("pong %s", p); then(c, "pong") },
		OnClose:   func(c *conn.Conn, err error) { j.note("close"); then(c, "close") },
	}
}

func (j *journal) want(t *testing.T, calls ...string) {
	t.Helper()
	if !slices.Equal(j.calls, calls) {
		t.Errorf("Serve called %q; want %q", j.calls, calls)
	}
}

// allEvents sends one of each and a Close, in one segment.
func (f *farEnd) allEvents() {
	f.t.Helper()
	b := f.appendFrame(nil, frame.Ping, true, []byte("p"))
	b = f.appendFrame(b, frame.Text, false, []byte("mess"))
	b = f.appendFrame(b, frame.Pong, true, []byte("q"))
	b = f.appendFrame(b, frame.Continuation, true, []byte("age"))
	b = f.appendFrame(b, frame.Close, true, frame.AppendClose(nil, closecode.NormalClosure, ""))
	f.sendRaw(f.appendFrame(b, frame.Text, true, []byte("too late")))
}

func TestServe_callbacksInOrder(t *testing.T) {
	overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
		c, far := over(t, frame.Server, nil)
		far.allEvents()
		var j journal
		end := inBackground(func() error { return c.Serve(t.Context(), j.events(nil)) })
		far.want(frame.Pong, "p")
		far.wantClose(closecode.NormalClosure, "")
		far.wantEOF()
		far.rw.Close()
		wantEnd(t, c, end(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
		j.want(t, "open", "ping p", "pong q", "text message", "close")
	})
}

// TestServe_nilCallbacks leaves out each callback, and all of them.
func TestServe_nilCallbacks(t *testing.T) {
	for _, without := range []func(ev *conn.Events){
		func(ev *conn.Events) { ev.OnOpen = nil },
		func(ev *conn.Events) { ev.OnMessage = nil },
		func(ev *conn.Events) { ev.OnPing = nil },
		func(ev *conn.Events) { ev.OnPong = nil },
		func(ev *conn.Events) { ev.OnClose = nil },
		func(ev *conn.Events) { *ev = conn.Events{} },
	} {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, frame.Server, nil)
			far.allEvents()
			ev := new(journal).events(nil)
			without(ev)
			end := inBackground(func() error { return c.Serve(t.Context(), ev) })
			far.want(frame.Pong, "p")
			far.wantClose(closecode.NormalClosure, "")
			far.rw.Close()
			wantEnd(t, c, end(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
		})
	}
}

// breakdowns are the ways in which a callback does not return.
var breakdowns = map[string]func(){
	"panic":          func() { panic("the reason of the panic") },
	"panic with nil": func() { panic(nil) },
	"Goexit":         runtime.Goexit,
}

// reports returns Options whose ErrorLog writes to the buffer.
func reports() (*conn.Options, *bytes.Buffer) {
	var b bytes.Buffer
	return &conn.Options{ErrorLog: slog.New(slog.NewTextHandler(&b, nil))}, &b
}

// serveToEnd runs Serve on a goroutine of its own, which a callback may end, and waits for its end.
func serveToEnd(c *conn.Conn, ctx context.Context, ev *conn.Events) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		err := errors.New("Serve did not return")
		defer func() { done <- err }()
		err = c.Serve(ctx, ev)
	}()
	return func() error { return <-done }
}

// TestServe_panic: a callback that does not return costs its own connection alone. The peer reads 1011, the
// log has a report, OnClose comes once and last.
func TestServe_panic(t *testing.T) {
	for how, breakDown := range breakdowns {
		for i, where := range []string{"open", "ping", "pong", "message", "close"} {
			t.Run(how+"/"+where, func(t *testing.T) {
				overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
					if where == "close" && how == "Goexit" {
						t.Skip("nothing is left to be done then")
					}
					opts, log := reports()
					c, far := over(t, frame.Server, opts)
					far.allEvents()
					var j journal
					wait := serveToEnd(c, t.Context(), j.events(func(_ *conn.Conn, call string) {
						if call == where {
							breakDown()
						}
					}))
					code := closecode.InternalError
					if where == "close" {
						code = closecode.NormalClosure
					}
					far.wantClose(code, "")
					far.wantEOF()
					far.rw.Close()
					err := wait()
					if _, again := c.Read(t.Context()); how != "Goexit" && again != err {
						t.Errorf("Serve returned %v, then Read %v; want the same", err, again)
					} else {
						wantSameEnd(t, c, again)
					}
					all := []string{"open", "ping p", "pong q", "text message"}
					j.want(t, append(slices.Clone(all[:min(i+1, len(all))]), "close")...)
					if n := strings.Count(log.String(), "\n"); n != 1 || how == "panic" && !strings.Contains(log.String(), "the reason of the panic") ||
						!strings.Contains(log.String(), "serve_test.go") {
						t.Errorf("the log has %d lines: %s; want one, with the panic and the stack", n, log)
					}
				})
			})
		}
	}
}

// TestServe_panicDuringShutdown: the callback breaks down while a Shutdown on another goroutine reads, or after
// one of its own has ended the connection.
func TestServe_panicDuringShutdown(t *testing.T) {
	for how, breakDown := range breakdowns {
		t.Run("before its end/"+how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opts, log := reports()
				c, far := overPipe(t, frame.Server, opts)
				far.segment(100, frame.Text, []byte("m"))
				var j journal
				reads := make(chan struct{})
				wait := serveToEnd(c, t.Context(), j.events(func(c *conn.Conn, call string) {
					if call == "message" {
						<-reads
						breakDown()
					}
				}))
				synctest.Wait()
				shutdown := inBackground(func() error { return c.Shutdown(t.Context(), closecode.NormalClosure, "") })
				synctest.Wait()
				close(reads)
				synctest.Wait()
				far.segment(1000, frame.Text, bytes.Repeat([]byte("x"), 20)) // for the Shutdown to read
				far.wantClose(closecode.NormalClosure, "")
				far.sendClose(closecode.NormalClosure, "")
				far.wantEOF()
				far.rw.Close()
				wait()
				if err := shutdown(); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				_, err := c.Read(t.Context())
				wantEnd(t, c, err, conn.CloseError{Code: closecode.NormalClosure})
				j.want(t, "open", "text m", "close")
				if log.Len() == 0 {
					t.Error("nothing was reported")
				}
			})
		})
		t.Run("after its end/"+how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opts, _ := reports()
				c, far := overPipe(t, frame.Server, opts)
				far.segment(100, frame.Text, []byte("m"))
				var j journal
				wait := serveToEnd(c, t.Context(), j.events(func(c *conn.Conn, call string) {
					if call == "message" {
						c.Shutdown(t.Context(), closecode.NormalClosure, "")
						breakDown()
					}
				}))
				far.wantClose(closecode.NormalClosure, "")
				far.rw.Close()
				wait()
				j.want(t, "open", "text m", "close")
			})
		})
	}
}

// TestServe_context: when the context ends, the peer reads 1001, whatever Serve is doing.
func TestServe_context(t *testing.T) {
	for _, when := range []string{"before Serve", "while it waits", "in OnOpen", "in OnMessage"} {
		t.Run(when, func(t *testing.T) {
			overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
				c, far := over(t, frame.Server, nil)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				end := make(chan struct{})
				block := func() {
					cancel()
					<-end // until the connection has ended: the Shutdown reads
				}
				var j journal
				ev := j.events(func(_ *conn.Conn, call string) {
					if call == "open" && when == "in OnOpen" || call == "message" && when == "in OnMessage" {
						block()
					}
				})
				if when == "before Serve" {
					cancel()
				}
				wait := inBackground(func() error { return c.Serve(ctx, ev) })
				if when == "in OnMessage" {
					far.send(frame.Text, "m")
				}
				if when == "while it waits" {
					far.send(frame.Ping, "p")
					far.want(frame.Pong, "p")
					cancel()
				}
				far.wantClose(closecode.GoingAway, "")
				far.sendClose(closecode.GoingAway, "")
				far.wantEOF()
				far.rw.Close()
				close(end)
				wantEnd(t, c, wait(), conn.CloseError{Code: closecode.GoingAway})
				if last := j.calls[len(j.calls)-1]; last != "close" || slices.Index(j.calls, "close") != len(j.calls)-1 {
					t.Errorf("Serve called %q; want close once and last", j.calls)
				}
			})
		})
	}
}

// TestServe_contextAndSilentPeer: with CloseTimeout off there is still a bound.
func TestServe_contextAndSilentPeer(t *testing.T) {
	for _, timeout := range []time.Duration{-1, 0, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := overPipe(t, frame.Server, &conn.Options{CloseTimeout: timeout})
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			begun := time.Now()
			err := c.Serve(ctx, nil)
			want := conn.DefaultCloseTimeout
			if timeout > 0 {
				want = timeout
			}
			if took := time.Since(begun); took != want {
				t.Errorf("with CloseTimeout %v Serve ended %v after its context; want %v", timeout, took, want)
			}
			wantSameEnd(t, c, err)
		})
	}
}

// TestServe_nothingAfterTheEnd ends the connection in a callback with more messages at hand: none of them is delivered.
func TestServe_nothingAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, c *conn.Conn){
		"Close":           func(_ context.Context, c *conn.Conn) { c.Close() },
		"Close elsewhere": func(_ context.Context, c *conn.Conn) { inBackground(c.Close)() },
		"Shutdown":        func(ctx context.Context, c *conn.Conn) { c.Shutdown(ctx, closecode.NormalClosure, "") },
		"a failed write": func(ctx context.Context, c *conn.Conn) {
			c.SetWriteDeadline(time.Unix(1, 0))
			c.Write(ctx, frame.Binary, make([]byte, 100_000)) // too long to be gathered
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				b := far.appendFrame(nil, frame.Text, true, []byte("m"))
				for range 10 {
					b = far.appendFrame(b, frame.Text, true, []byte("after"))
					b = far.appendFrame(b, frame.Ping, true, nil)
				}
				far.sendRaw(b)
				var j journal
				err := c.Serve(t.Context(), j.events(func(c *conn.Conn, call string) {
					if call == "message" {
						end(t.Context(), c)
					}
				}))
				wantSameEnd(t, c, err)
				j.want(t, "open", "text m", "close")
			})
		})
	}
}

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
	overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
		b := new(farEnd).appendFrame(nil, frame.Text, true, bytes.Repeat([]byte("x"), 200))
		for cut := range 8 {
			c, far := over(t, frame.Client, nil)
			far.sendRaw(b[:cut])
			far.rw.Close()
			var j journal
			wantEnd(t, c, c.Serve(t.Context(), j.events(nil)), conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
			j.want(t, "open", "close")
		}
	})
}

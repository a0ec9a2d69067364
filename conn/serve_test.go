package conn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	eachServing(t, func(t *testing.T, s serving) {
		overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
			c, far := over(t, frame.Server, nil)
			far.allEvents()
			var j journal
			end := inBackground(func() error { return s.all(c, j.events(nil)) })
			far.want(frame.Pong, "p")
			far.wantClose(closecode.NormalClosure, "")
			far.wantEOF()
			far.rw.Close()
			wantEnd(t, c, end(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
			j.want(t, "open", "ping p", "pong q", "text message", "close")
		})
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
		for _, s := range servings {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				far.allEvents()
				ev := new(journal).events(nil)
				without(ev)
				end := inBackground(func() error { return s.all(c, ev) })
				far.want(frame.Pong, "p")
				far.wantClose(closecode.NormalClosure, "")
				far.rw.Close()
				wantEnd(t, c, end(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
			})
		}
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

// serveToEnd serves c on a goroutine of its own, which a callback may end, and waits for its end.
func serveToEnd(c *conn.Conn, s serving, ev *conn.Events) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		err := errors.New("Serve did not return")
		defer func() { done <- err }()
		err = s.all(c, ev)
	}()
	return func() error { return <-done }
}

// TestServe_panic: a callback that does not return costs its own connection alone. The peer reads 1011, the
// log has a report, OnClose comes once and last.
func TestServe_panic(t *testing.T) {
	for how, breakDown := range breakdowns {
		for i, where := range []string{"open", "ping", "pong", "message", "close"} {
			forEach := func(t *testing.T, s serving) {
				overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
					if where == "close" && how == "Goexit" {
						t.Skip("nothing is left to be done then")
					}
					opts, log := reports()
					c, far := over(t, frame.Server, opts)
					far.allEvents()
					var j journal
					wait := serveToEnd(c, s, j.events(func(_ *conn.Conn, call string) {
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
			}
			t.Run(how+"/"+where, func(t *testing.T) { eachServing(t, forEach) })
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
				wait := serveToEnd(c, servings[0], j.events(func(c *conn.Conn, call string) {
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
				wait := serveToEnd(c, servings[0], j.events(func(c *conn.Conn, call string) {
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
		nothing := func(t *testing.T, s serving) {
			if s.driven && (name == "Shutdown" || name == "a failed write") {
				t.Skip("what does not wait has not ended the connection when the function returns")
			}
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				b := far.appendFrame(nil, frame.Text, true, []byte("m"))
				for range 10 {
					b = far.appendFrame(b, frame.Text, true, []byte("after"))
					b = far.appendFrame(b, frame.Ping, true, nil)
				}
				far.sendRaw(b)
				var j journal
				err := s.all(c, j.events(func(c *conn.Conn, call string) {
					if call == "message" {
						end(t.Context(), c)
					}
				}))
				wantSameEnd(t, c, err)
				j.want(t, "open", "text m", "close")
			})
		}
		t.Run(name, func(t *testing.T) { eachServing(t, nothing) })
	}
}

package conn_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestShutdown_fromAnywhere: both Close frames are exchanged, Shutdown returns nil, and the reader gets this side's code.
func TestShutdown_fromAnywhere(t *testing.T) {
	for _, caller := range callers {
		for _, role := range []frame.Role{frame.Server, frame.Client} {
			for _, times := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s/%v/times=%d", caller.name, role, times), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c, far := overPipe(t, role, nil)
						var peer sync.WaitGroup
						peer.Go(func() {
							far.wantClose(closecode.GoingAway, "the reason")
							// A slow peer: there is time for everything else to happen while Shutdown waits.
							<-time.After(10 * time.Millisecond)
							far.sendClose(closecode.GoingAway, "")
							if role == frame.Server {
								far.wantEOF()
							}
							far.rw.Close()
						})
						err := caller.run(t, c, far, func() {
							var all sync.WaitGroup
							for range times {
								all.Go(func() {
									if err := c.Shutdown(t.Context(), closecode.GoingAway, "the reason"); err != nil {
										t.Errorf("Shutdown: %v", err)
									}
								})
							}
							all.Wait()
						})
						if err == nil {
							t.Fatal("the reader got no error")
						}
						peer.Wait()
						wantEnd(t, c, err, conn.CloseError{Code: closecode.GoingAway, Reason: "the reason"})
						if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); err != nil {
							t.Errorf("Shutdown after the closing handshake: %v; want nil, both Close frames were exchanged", err)
						}
						if err := c.Close(); err != nil {
							t.Errorf("Close after the closing handshake: %v", err)
						}
					})
				})
			}
		}
	}
}

// TestShutdown_bounded: a peer that does not answer, from wherever Shutdown is called, costs exactly the context's time or
// Options.CloseTimeout, whichever is less.
func TestShutdown_bounded(t *testing.T) {
	for _, bound := range []struct {
		name    string
		context time.Duration // 0: none
		option  time.Duration
		want    time.Duration
	}{
		{"default", 0, 0, 5 * time.Second},
		{"context first", 100 * time.Millisecond, 0, 100 * time.Millisecond},
		{"CloseTimeout first", time.Minute, 70 * time.Millisecond, 70 * time.Millisecond},
		{"context alone", time.Hour, -1, time.Hour},
	} {
		for _, caller := range callers {
			t.Run(bound.name+"/"+caller.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, far := overPipe(t, frame.Server, &conn.Options{CloseTimeout: bound.option})
					err := caller.run(t, c, far, func() {
						ctx := t.Context()
						if bound.context > 0 {
							var cancel context.CancelFunc
							ctx, cancel = context.WithTimeout(ctx, bound.context)
							defer cancel()
						}
						begun := time.Now()
						err := c.Shutdown(ctx, closecode.NormalClosure, "")
						if took := time.Since(begun); err != context.DeadlineExceeded || took != bound.want {
							t.Errorf("Shutdown: %v after %v; want %v after %v", err, took, context.DeadlineExceeded, bound.want)
						}
					})
					wantEnd(t, c, err, conn.CloseError{Code: closecode.AbnormalClosure, Err: context.DeadlineExceeded})
					if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); !errors.Is(err, net.ErrClosed) {
						t.Errorf("Shutdown again: %v; want the connection's end", err)
					}
				})
			})
		}
	}
}

// TestShutdown_cancelled ends the context while the peer keeps silent.
func TestShutdown_cancelled(t *testing.T) {
	for _, caller := range callers {
		t.Run(caller.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Client, nil)
				err := caller.run(t, c, far, func() {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(time.Millisecond, cancel)
					if err := c.Shutdown(ctx, closecode.NormalClosure, ""); err != context.Canceled {
						t.Errorf("Shutdown: %v; want %v", err, context.Canceled)
					}
				})
				wantSameEnd(t, c, err)
			})
		})
	}
}

// TestShutdown_peerNeverCloses: the peer answers the Close frame and keeps the transport open. The handshake is done; the
// context's end bounds the courtesy of waiting, and so does one second.
func TestShutdown_peerNeverCloses(t *testing.T) {
	for _, limit := range []time.Duration{300 * time.Millisecond, time.Minute} {
		for _, role := range []frame.Role{frame.Server, frame.Client} {
			for _, caller := range callers {
				t.Run(fmt.Sprintf("%v/%v/%s", limit, role, caller.name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c, far := overPipe(t, role, nil)
						var peer sync.WaitGroup
						peer.Go(func() {
							far.wantClose(closecode.NormalClosure, "")
							far.sendClose(closecode.NormalClosure, "")
							begun := time.Now()
							far.wantEOF()
							// "The server MUST close the connection immediately, the client SHOULD wait", RFC 6455 section 7.1.1.
							want := time.Duration(0)
							if unreadBehind[caller.name] {
								want = conn.ReaderGrace
							}
							if role == frame.Client {
								want = min(limit, want+time.Second)
							}
							if took := time.Since(begun); took != want {
								t.Errorf("the peer reads the end of the %v's stream after %v; want %v", role, took, want)
							}
						})
						err := caller.run(t, c, far, func() {
							ctx, cancel := context.WithTimeout(t.Context(), limit)
							defer cancel()
							begun := time.Now()
							if err := c.Shutdown(ctx, closecode.NormalClosure, ""); err != nil {
								t.Errorf("Shutdown: %v", err)
							}
							want := time.Second
							if unreadBehind[caller.name] {
								want += conn.ReaderGrace
							}
							if took, want := time.Since(begun), min(limit, want); took != want {
								t.Errorf("Shutdown took %v; want %v", took, want)
							}
						})
						wantEnd(t, c, err, conn.CloseError{Code: closecode.NormalClosure})
						peer.Wait()
					})
				})
			}
		}
	}
}

// TestShutdown_stalledWrite: the peer does not read, a write is in the transport and others wait for room. Shutdown is bounded, the
// writers are refused as soon as the Close frame has its place, and everything ends.
func TestShutdown_stalledWrite(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		for _, caller := range callers {
			if strings.Contains(caller.name, "NextWriter") || strings.Contains(caller.name, "driver") {
				continue // nothing may stand between its fragments; Drive waits for who is writing
			}
			t.Run(fmt.Sprintf("%v/%s", role, caller.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, far := overPipe(t, role, nil)
					stall(t, c, 1000)
					var writers sync.WaitGroup
					for _, size := range []int{10, 10, 50_000} {
						writers.Go(func() {
							if err := c.Write(t.Context(), frame.Binary, make([]byte, size)); !errors.Is(err, net.ErrClosed) {
								t.Errorf("a waiting Write: %v; want net.ErrClosed", err)
							}
						})
					}
					err := caller.run(t, c, far, func() {
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						defer cancel()
						wait := inBackground(func() error { return c.Shutdown(ctx, closecode.NormalClosure, "") })
						synctest.Wait()
						begun := time.Now()
						writers.Wait()
						if took := time.Since(begun); took > 0 {
							t.Errorf("the waiting writers were refused after %v; want at once", took)
						}
						if err := wait(); err != context.DeadlineExceeded {
							t.Errorf("Shutdown: %v; want %v", err, context.DeadlineExceeded)
						}
					})
					wantSameEnd(t, c, err)
				})
			})
		}
	}
}

// TestShutdown_behindTheData: the Close frame follows all that was written before it, however slowly the peer reads.
func TestShutdown_behindTheData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		n := stall(t, c, 1000)
		wait := inBackground(func() error { return c.Shutdown(t.Context(), closecode.NormalClosure, "") })
		synctest.Wait()
		far.want(frame.Binary, string(make([]byte, stalled)))
		for range n {
			far.want(frame.Binary, string(make([]byte, 1000)))
		}
		far.wantClose(closecode.NormalClosure, "")
		far.sendClose(closecode.NormalClosure, "")
		far.wantEOF()
		far.rw.Close()
		if err := wait(); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// TestShutdown_several: several at once do not take the reading side from each other, each as the reader that the others wait for.
func TestShutdown_several(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, frame.Server, nil)
			far.segment(3, frame.Text, []byte("m"))
			if _, err := c.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); err != nil {
						t.Errorf("Shutdown: %v", err)
					}
				})
			}
			far.wantClose(closecode.NormalClosure, "")
			far.sendClose(closecode.NormalClosure, "")
			far.wantEOF()
			far.rw.Close()
			all.Wait()
			if took := time.Since(begun); took != conn.ReaderGrace {
				t.Errorf("the closing handshake took %v; want %v, for the messages that nobody reads", took, conn.ReaderGrace)
			}
			if n := conn.Turns(c); n > 5 {
				t.Errorf("the reading side changed hands %d times", n)
			}
		})
	}
}

// TestShutdown_readerLeaves: the reader gives up, or gets a message and does not come back. Shutdown, which waited for him, reads on.
func TestShutdown_readerLeaves(t *testing.T) {
	for name, leave := range map[string]func(cancel func(), far *farEnd){
		"with his context": func(cancel func(), _ *farEnd) { cancel() },
		"with a message":   func(_ func(), far *farEnd) { far.segment(5, frame.Text, []byte("m")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				read := inBackground(func() error { _, err := c.Read(ctx); return err })
				synctest.Wait()
				shutdown := inBackground(func() error { return c.Shutdown(t.Context(), closecode.NormalClosure, "") })
				synctest.Wait()
				leave(cancel, far)
				read()
				far.wantClose(closecode.NormalClosure, "")
				far.sendClose(closecode.NormalClosure, "")
				far.wantEOF()
				far.rw.Close()
				atOnce(t, func() {
					if err := shutdown(); err != nil {
						t.Errorf("Shutdown: %v", err)
					}
				})
			})
		})
	}
}

// TestShutdown_givesBack: while nobody reads, Shutdown does. A reader that comes back meanwhile gets the messages that arrive from then on.
func TestShutdown_givesBack(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				var got []string
				comeBack := make(chan struct{})
				reader := inBackground(func() error {
					return mode(c, func(_ *conn.Conn, _ frame.Opcode, p []byte) {
						if got = append(got, string(p)); len(got) == 1 {
							<-comeBack
						}
					})
				})
				far.send(frame.Text, "first")
				synctest.Wait()
				shutdown := inBackground(func() error { return c.Shutdown(t.Context(), closecode.NormalClosure, "") })
				synctest.Wait() // it reads
				close(comeBack)
				synctest.Wait() // the reader waits for it
				atOnce(t, func() {
					for _, p := range []string{"second", "third"} {
						far.send(frame.Text, p)
						synctest.Wait()
					}
				})
				far.wantClose(closecode.NormalClosure, "")
				far.sendClose(closecode.NormalClosure, "")
				far.wantEOF()
				far.rw.Close()
				if err := shutdown(); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				reader()
				if want := []string{"first", "second", "third"}; !slices.Equal(got, want) {
					t.Errorf("the reader got %q; want %q", got, want)
				}
			})
		})
	}
}

// TestShutdown_leavesTheMessage: a Shutdown that was called while a callback has a message in its hands reads and drops what comes. Nothing of that, nor
// another reader's call, changes the message before the callback returns.
func TestShutdown_leavesTheMessage(t *testing.T) {
	for name, parts := range map[string][]string{
		"in the read buffer": {"message"},
		"assembled":          {"mess", "", "age"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				op := frame.Text
				for i, part := range parts {
					far.sendRaw(far.appendFrame(nil, op, i == len(parts)-1, []byte(part)))
					op = frame.Continuation
				}
				calls := 0
				wait := inBackground(func() error {
					return c.Serve(t.Context(), &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
						calls++
						if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); err != nil {
							t.Errorf("Shutdown: %v", err)
						}
						inBackground(func() error { _, err := c.Read(t.Context()); return err })()
						inBackground(func() error { return c.Serve(t.Context(), nil) })()
						if string(m.Data) != "message" {
							t.Errorf("the message is %q after Shutdown; want %q", m.Data, "message")
						}
					}})
				})
				far.wantClose(closecode.NormalClosure, "")
				for range 10 {
					far.segment(10, frame.Binary, make([]byte, 1000))
				}
				far.sendClose(closecode.NormalClosure, "")
				far.wantEOF()
				far.rw.Close()
				wantEnd(t, c, wait(), conn.CloseError{Code: closecode.NormalClosure})
				if calls != 1 {
					t.Errorf("%d messages were delivered; want 1", calls)
				}
			})
		})
	}
}

// TestShutdown_crossing: the peer sends its own Close before it has seen ours. Each is the other's answer; each side reports what it began with.
func TestShutdown_crossing(t *testing.T) {
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				reader := inBackground(func() error { return read(t.Context(), c) })
				wait := inBackground(func() error { return c.Shutdown(t.Context(), 4000, "ours") })
				synctest.Wait()
				far.sendClose(4001, "theirs")
				if err := wait(); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				far.wantClose(4000, "ours")
				far.wantEOF() // no second Close
				wantEnd(t, c, reader(), conn.CloseError{Code: 4000, Reason: "ours"})
			})
		})
	}
	t.Run("two connections", func(t *testing.T) {
		for range 50 {
			client, server := conn.Pipe(nil, nil)
			var all sync.WaitGroup
			for _, c := range []*conn.Conn{client, server} {
				all.Go(func() { c.Serve(t.Context(), nil) })
				all.Go(func() {
					if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); err != nil {
						t.Errorf("Shutdown: %v", err)
					}
				})
			}
			all.Wait()
		}
	})
}

// TestShutdown_refused: what must not be sent is refused, and the connection goes on.
func TestShutdown_refused(t *testing.T) {
	c, far := overPipe(t, frame.Client, nil)
	for code := range 1 << 16 {
		code := closecode.Code(code)
		if code.Sendable() || code == closecode.NoStatusReceived {
			continue
		}
		if err := c.Shutdown(t.Context(), code, ""); err == nil || errors.Is(err, net.ErrClosed) {
			t.Fatalf("Shutdown with %v: %v; want a refusal", code, err)
		}
	}
	for _, reason := range []string{strings.Repeat("x", 124), "\xff", strings.Repeat("é", 61) + "\xc3"} {
		if err := c.Shutdown(t.Context(), closecode.NormalClosure, reason); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("Shutdown with the reason %q: %v; want a refusal", reason, err)
		}
	}
	if err := c.Shutdown(t.Context(), closecode.NoStatusReceived, "reason without a code"); err == nil {
		t.Error("Shutdown with a reason and no code: no error")
	}
	if err := c.Write(t.Context(), frame.Text, []byte("alive")); err != nil {
		t.Error(err)
	}
	far.want(frame.Text, "alive")
}

// TestShutdown_leavesMessagesToTheReader: what the peer sends before its Close frame reaches the goroutine that reads in a loop, though it is between
// two reads, at work on a message, when Shutdown begins.
func TestShutdown_leavesMessagesToTheReader(t *testing.T) {
	const n = 50
	readers := map[string]func(c *conn.Conn, got func()) error{
		"Read": func(c *conn.Conn, got func()) error {
			for {
				if _, err := c.Read(context.Background()); err != nil {
					return err
				}
				got()
			}
		},
		"NextReader": func(c *conn.Conn, got func()) error {
			for {
				_, r, err := c.NextReader(context.Background())
				if err == nil {
					_, err = io.Copy(io.Discard, r)
				}
				if err != nil {
					return err
				}
				got()
			}
		},
		"Serve": func(c *conn.Conn, got func()) error {
			return c.Serve(context.Background(), &conn.Events{OnMessage: func(*conn.Conn, conn.Message) { got() }})
		},
	}
	for name, read := range readers {
		for _, fragmented := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/fragmented=%v", name, fragmented), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, far := overPipe(t, frame.Client, nil)
					read1 := make(chan struct{}, n)
					wait := inBackground(func() error {
						return read(c, func() {
							read1 <- struct{}{}
							time.Sleep(conn.ReaderGrace / 2)
						})
					})
					go func() {
						var b []byte
						for range n {
							if fragmented {
								b = far.appendFrame(b, frame.Text, false, []byte("one of "))
								b = far.appendFrame(b, frame.Ping, true, nil)
								b = far.appendFrame(b, frame.Continuation, true, []byte("many"))
								continue
							}
							b = far.appendFrame(b, frame.Text, true, []byte("one of many"))
						}
						far.sendRaw(b[:len(b)/2])
						far.wantClose(closecode.NormalClosure, "bye")
						far.sendRaw(b[len(b)/2:])
						far.sendClose(closecode.NormalClosure, "")
						far.rw.Close()
					}()
					<-read1 // and is at work on it
					if err := c.Shutdown(context.Background(), closecode.NormalClosure, "bye"); err != nil {
						t.Errorf("Shutdown: %v", err)
					}
					wantEnd(t, c, wait(), conn.CloseError{Code: closecode.NormalClosure, Reason: "bye"})
					if got := len(read1) + 1; got != n {
						t.Errorf("the reader got %d messages; want %d", got, n)
					}
				})
			})
		}
	}
}

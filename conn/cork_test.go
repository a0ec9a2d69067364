package conn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// handler answers a message.
type handler func(c *conn.Conn, op frame.Opcode, p []byte)

func echo(c *conn.Conn, op frame.Opcode, p []byte) { c.Write(context.Background(), op, p) }

// modes are the ways to run a handler over a connection until it ends. Each returns why it did.
var modes = map[string]func(c *conn.Conn, handle handler) error{
	"Serve": func(c *conn.Conn, handle handler) error {
		return c.Serve(context.Background(), &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) { handle(c, m.Op, m.Data) },
		})
	},
	"Read": func(c *conn.Conn, handle handler) error {
		for {
			m, err := c.Read(context.Background())
			if err != nil {
				return err
			}
			handle(c, m.Op, m.Data)
		}
	},
	"Read with a context": func(c *conn.Conn, handle handler) error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			handle(c, m.Op, m.Data)
		}
		return nil
	},
	"NextReader": func(c *conn.Conn, handle handler) error {
		for {
			op, r, err := c.NextReader(context.Background())
			if err != nil {
				return err
			}
			p, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			handle(c, op, p)
		}
	},
}

// inEveryMode runs a test in a bubble for every mode, over a pipe whose writes are counted. run starts the mode; the bubble
// ends with the connection.
func inEveryMode(t *testing.T, test func(t *testing.T, tr *counted, far *farEnd, run func(handler))) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory.Pipe()
				tr := &counted{Conn: a}
				c := conn.New(tr, frame.Server, nil)
				far := newFarEnd(t, b, frame.Client)
				t.Cleanup(func() { c.Close() })
				test(t, tr, far, func(handle handler) { go mode(c, handle) })
			})
		})
	}
}

// atOnce checks that no time passes while f runs: what it waits for is not held back, not even for a moment.
func atOnce(t *testing.T, f func()) {
	t.Helper()
	begun := time.Now()
	f()
	if took := time.Since(begun); took != 0 {
		t.Errorf("it took %v; want no time to pass", took)
	}
}

// TestCork_oneWrite: the replies to what came in one segment leave in one write, at once.
func TestCork_oneWrite(t *testing.T) {
	const n = 50 // frames, of 16 bytes: one read of 1 KiB takes them all
	inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
		run(echo)
		for range 3 {
			before := tr.writes.Load()
			far.segment(n, frame.Text, []byte("0123456789"))
			atOnce(t, func() {
				for range n {
					far.want(frame.Text, "0123456789")
				}
			})
			if got := tr.writes.Load() - before; got != 1 {
				t.Errorf("%d replies left in %d writes; want 1", n, got)
			}
		}
	})
}

// TestCork_oneWriteOfASocket is the same below net.Conn, where the system is asked directly.
func TestCork_oneWriteOfASocket(t *testing.T) {
	const n = 100 // frames, of 16 bytes
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			c, far := overTCP(t, frame.Server, nil)
			writes := conn.CountWrites(c)
			end := inBackground(func() error { return mode(c, echo) })
			for range 3 {
				before := writes.Load()
				far.segment(n, frame.Text, []byte("0123456789"))
				for range n {
					far.want(frame.Text, "0123456789")
				}
				// The system may cut the segment, and a busy one may take a millisecond over a few of the replies.
				if got := writes.Load() - before; got > n/4 {
					t.Errorf("%d replies left in %d writes; want 1", n, got)
				}
			}
			c.Close()
			end()
		})
	}
}

// TestCork_neverHeld: replies leave at once when nothing is left that could be answered, whatever it is that follows them.
func TestCork_neverHeld(t *testing.T) {
	text := func(far *farEnd, b []byte) []byte { return far.appendFrame(b, frame.Text, true, []byte("m")) }
	for _, tt := range []struct {
		name    string
		segment func(far *farEnd) []byte
		replies int
	}{
		{"nothing", func(far *farEnd) []byte { return text(far, nil) }, 1},
		{"half a header", func(far *farEnd) []byte { return append(text(far, text(far, nil)), 0x81) }, 2},
		{"half a frame", func(far *farEnd) []byte { return append(text(far, text(far, nil)), 0x81, 0x85, 0, 0, 0, 0, 'h') }, 2},
		{"the beginning of a message", func(far *farEnd) []byte {
			return far.appendFrame(text(far, text(far, nil)), frame.Text, false, []byte("part"))
		}, 2},
		{"the middle of a message", func(far *farEnd) []byte {
			b := far.appendFrame(text(far, text(far, nil)), frame.Text, false, []byte("part"))
			return far.appendFrame(b, frame.Continuation, false, []byte("part"))
		}, 2},
		{"an empty beginning", func(far *farEnd) []byte {
			return far.appendFrame(text(far, text(far, nil)), frame.Text, false, nil)
		}, 2},
		{"a pong", func(far *farEnd) []byte { return far.appendFrame(text(far, text(far, nil)), frame.Pong, true, nil) }, 2},
		{"a message without a reply", func(far *farEnd) []byte {
			return far.appendFrame(text(far, text(far, nil)), frame.Binary, true, []byte("silent"))
		}, 2},
		{"a long message that has only begun", func(far *farEnd) []byte {
			return far.appendFrame(text(far, text(far, nil)), frame.Binary, true, make([]byte, 100_000))[:500]
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
				run(func(c *conn.Conn, op frame.Opcode, p []byte) {
					if op == frame.Text {
						echo(c, op, p)
					}
				})
				far.sendRaw(tt.segment(far))
				atOnce(t, func() {
					for range tt.replies {
						far.want(frame.Text, "m")
					}
				})
			})
		})
	}
}

// TestCork_beforeTheEnd: what has gathered leaves before the connection's end does.
func TestCork_beforeTheEnd(t *testing.T) {
	for _, tt := range []struct {
		name   string
		behind []byte
		code   closecode.Code
	}{
		{"Close", []byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8}, closecode.NormalClosure},
		{"a breach of the protocol", []byte{0x81, 0x01, 'x'}, closecode.ProtocolError},
		{"a breach in an unfinished frame", []byte{0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0, 0xff}, closecode.InvalidPayload},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
				run(echo)
				var b []byte
				for range 10 {
					b = far.appendFrame(b, frame.Text, true, []byte("m"))
				}
				far.sendRaw(append(b, tt.behind...))
				for range 10 {
					far.want(frame.Text, "m")
				}
				h, p, err := far.next()
				if code, _, _ := frame.ParseClose(p); err != nil || h.Opcode != frame.Close || code != tt.code {
					t.Errorf("behind the replies the peer reads %v %v, %v; want a Close with %v", h.Opcode, code, err, tt.code)
				}
				far.wantEOF()
				far.rw.Close()
			})
		})
	}
	t.Run("Shutdown and Close", func(t *testing.T) {
		for name, end := range map[string]func(*conn.Conn){
			"Shutdown": func(c *conn.Conn) { c.Shutdown(context.Background(), closecode.NormalClosure, "") },
			"Close":    func(c *conn.Conn) { c.Close() },
		} {
			t.Run(name, func(t *testing.T) {
				inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
					n := 0
					run(func(c *conn.Conn, op frame.Opcode, p []byte) {
						echo(c, op, p)
						if n++; n == 3 {
							end(c)
						}
					})
					far.segment(10, frame.Text, []byte("m"))
					for range 3 {
						far.want(frame.Text, "m")
					}
					if h, p, err := far.next(); err == nil && h.Opcode != frame.Close {
						t.Errorf("then the peer reads %v %q; want no more replies", h.Opcode, p)
					}
				})
			})
		}
	})
	t.Run("Close over a socket", func(t *testing.T) {
		for name, mode := range modes {
			t.Run(name, func(t *testing.T) {
				c, far := overTCP(t, frame.Server, nil)
				n := 0
				far.segment(4, frame.Text, []byte("m"))
				mode(c, func(c *conn.Conn, op frame.Opcode, p []byte) {
					echo(c, op, p)
					if n++; n == 3 {
						c.Close()
					}
				})
				for range 3 {
					far.want(frame.Text, "m")
				}
			})
		}
	})
}

// TestCork_stalledHandler: with more messages at hand, a handler that does not return holds the replies before it up for 1 ms and no
// longer; what it writes after that leaves at once.
func TestCork_stalledHandler(t *testing.T) {
	inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
		n := 0
		goOn := make(chan struct{})
		run(func(c *conn.Conn, op frame.Opcode, p []byte) {
			echo(c, op, p)
			if n++; n == 2 {
				<-goOn
				echo(c, op, p)
				<-goOn
			}
		})
		far.segment(4, frame.Text, []byte("m"))
		begun := time.Now()
		far.want(frame.Text, "m")
		far.want(frame.Text, "m")
		if took := time.Since(begun); took > time.Millisecond {
			t.Errorf("the replies of a stalled handler were held for %v; want 1 ms at most", took)
		}
		if got := tr.writes.Load(); got != 1 {
			t.Errorf("they left in %d writes; want 1", got)
		}
		goOn <- struct{}{}
		atOnce(t, func() { far.want(frame.Text, "m") })
		goOn <- struct{}{}
		atOnce(t, func() {
			far.want(frame.Text, "m")
			far.want(frame.Text, "m")
		})
		// The next segment gathers again.
		before := tr.writes.Load()
		far.segment(20, frame.Text, []byte("m"))
		for range 20 {
			far.want(frame.Text, "m")
		}
		if got := tr.writes.Load() - before; got != 1 {
			t.Errorf("after the stall, 20 replies left in %d writes; want 1", got)
		}
	})
}

// TestCork_longBatch: many messages whose handlers take a while each, none of them 1 ms: replies gather for up to 1 ms all along the batch.
func TestCork_longBatch(t *testing.T) {
	inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
		const n, each = 40, 100 * time.Microsecond
		run(func(c *conn.Conn, op frame.Opcode, _ []byte) {
			<-time.After(each)
			echo(c, op, strconv.AppendInt(nil, int64(time.Now().UnixMicro()), 10))
		})
		far.segment(n, frame.Text, []byte("m"))
		for range n {
			_, p, err := far.next()
			if err != nil {
				t.Fatal(err)
			}
			sent, err := strconv.ParseInt(string(p), 10, 64)
			if held := time.Since(time.UnixMicro(sent)); err != nil || held > time.Millisecond {
				t.Errorf("a reply was held for %v, %v; want 1 ms at most", held, err)
			}
		}
		if got := tr.writes.Load(); got > 2*n*int64(each/time.Microsecond)/1000+1 {
			t.Errorf("%d replies in %v left in %d writes; want about one per millisecond", n, n*each, got)
		}
	})
}

// TestCork_nobodyReads: a program that stops reading after a message does not hold its reply up, nor the frames of others.
func TestCork_nobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		far.segment(4, frame.Text, []byte("m"))
		for range 3 {
			m, err := c.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			echo(c, m.Op, m.Data)
		}
		begun := time.Now()
		for range 3 {
			far.want(frame.Text, "m")
		}
		if took := time.Since(begun); took > time.Millisecond {
			t.Errorf("the replies were held for %v; want 1 ms at most", took)
		}
		atOnce(t, func() {
			c.Write(t.Context(), frame.Text, []byte("news"))
			far.want(frame.Text, "news")
		})
	})
}

// TestCork_gatherLimit: 64 KiB of replies leave early, while the handlers go on.
func TestCork_gatherLimit(t *testing.T) {
	const size, limit = 10_000, 64 << 10
	inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
		var sent int64
		reply := make([]byte, size)
		run(func(c *conn.Conn, op frame.Opcode, _ []byte) {
			echo(c, op, reply)
			sent += size
			if held := sent - tr.bytes.Load(); held > limit+size {
				t.Errorf("%d bytes of replies are held back; want %d at most", held, limit)
			}
		})
		far.segment(100, frame.Binary, []byte("m"))
		for range 100 {
			far.want(frame.Binary, string(reply))
		}
		if got := tr.writes.Load(); got > 100*size/limit+5 {
			t.Errorf("100 replies of %d bytes left in %d writes; want about %d", size, got, 100*size/limit)
		}
	})
}

// TestCork_order mixes replies of all sizes, some of which are too long to gather, with pongs to the pings between them.
func TestCork_order(t *testing.T) {
	sizes := []int{0, 1, 125, 126, 1000, 16 << 10, 16<<10 + 1, 40_000, 10, 10, 70_000, 3}
	inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
		next := 0
		run(func(c *conn.Conn, op frame.Opcode, _ []byte) {
			echo(c, op, bytes.Repeat([]byte{byte('a' + next%26)}, sizes[next%len(sizes)]))
			next++
		})
		for range 5 {
			far.segment(len(sizes), frame.Text, []byte("m"))
		}
		for i := range 5 * len(sizes) {
			far.want(frame.Text, string(bytes.Repeat([]byte{byte('a' + i%26)}, sizes[i%len(sizes)])))
		}
	})
}

// TestCork_otherGoroutines: handlers that leave the reply to a goroutine, and wait for it or not.
func TestCork_otherGoroutines(t *testing.T) {
	for _, wait := range []bool{true, false} {
		t.Run(fmt.Sprintf("wait=%v", wait), func(t *testing.T) {
			inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
				run(func(c *conn.Conn, op frame.Opcode, _ []byte) {
					var replies sync.WaitGroup
					for range 3 {
						replies.Go(func() { echo(c, op, []byte("reply")) })
					}
					if wait {
						replies.Wait()
					}
				})
				far.segment(40, frame.Text, []byte("m"))
				begun := time.Now()
				for range 120 {
					far.want(frame.Text, "reply")
				}
				if took := time.Since(begun); took > time.Millisecond {
					t.Errorf("the replies were held for %v; want 1 ms at most", took)
				}
			})
		})
	}
}

// TestCork_errorOfTheNextCall: a reply that gathered and could not be sent is the next call's error.
func TestCork_errorOfTheNextCall(t *testing.T) {
	broken := errors.New("broken")
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory.Pipe()
				c := conn.New(failing{a, broken}, frame.Server, nil)
				far := newFarEnd(t, b, frame.Client)
				defer c.Close()
				far.segment(3, frame.Text, []byte("m"))
				n := 0
				err := mode(c, func(c *conn.Conn, op frame.Opcode, p []byte) {
					n++
					err := c.Write(t.Context(), op, p)
					switch n {
					case 1: // gathers
						if err != nil {
							t.Errorf("the first reply, which gathers: %v", err)
						}
						<-time.After(2 * time.Millisecond) // meanwhile it leaves, or does not
						if err := c.Write(t.Context(), op, p); !errors.Is(err, broken) || !errors.Is(err, net.ErrClosed) {
							t.Errorf("the next: %v; want %v", err, broken)
						}
					default:
						t.Error("a message was delivered after the connection had ended")
					}
				})
				if !errors.Is(err, broken) {
					t.Errorf("the reader gets %v; want %v", err, broken)
				}
				wantSameEnd(t, c, c.Write(t.Context(), frame.Text, nil))
			})
		})
	}
}

// failing is a transport whose writes fail.
type failing struct {
	net.Conn
	err error
}

func (t failing) Write([]byte) (int, error) { return 0, t.err }

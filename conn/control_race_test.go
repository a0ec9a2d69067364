package conn_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// TestPong_owed: while a data write is stalled, pings are read, and one pong is owed: that to the latest.
func TestPong_owed(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				n := stall(t, c, 1000)
				go mode(c, echo)
				for i := range 10 {
					far.send(frame.Ping, strconv.Itoa(i))
					synctest.Wait() // it was read
				}
				far.want(frame.Binary, string(make([]byte, stalled)))
				for range n {
					far.want(frame.Binary, string(make([]byte, 1000)))
				}
				far.want(frame.Pong, "9")
				far.send(frame.Ping, "again")
				far.want(frame.Pong, "again")
			})
		})
	}
}

// TestPong_betweenFragments: pongs do not wait for the end of a streamed message.
func TestPong_betweenFragments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Client, nil)
		go c.Serve(t.Context(), nil)
		w, err := c.NextWriter(t.Context(), frame.Text)
		if err == nil {
			_, err = w.Write(make([]byte, 20<<10))
		}
		if err != nil {
			t.Fatal(err)
		}
		far.want(frame.Text, string(make([]byte, 20<<10)))
		far.send(frame.Ping, "now")
		far.want(frame.Pong, "now")
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		far.want(frame.Continuation, "")
	})
}

// TestPong_each: to a peer that reads, every ping of a segment is answered, in one write.
func TestPong_each(t *testing.T) {
	inEveryMode(t, func(t *testing.T, tr *counted, far *farEnd, run func(handler)) {
		run(echo)
		for range 3 {
			synctest.Wait() // no write is in progress, which would owe one pong alone
			before := tr.writes.Load()
			var b []byte
			for i := range 10 {
				b = far.appendFrame(b, frame.Ping, true, []byte{byte(i)})
			}
			far.sendRaw(b)
			atOnce(t, func() {
				for i := range 10 {
					far.want(frame.Pong, string([]byte{byte(i)}))
				}
			})
			if got := tr.writes.Load() - before; got != 1 {
				t.Errorf("10 pongs left in %d writes; want 1", got)
			}
		}
	})
}

// TestPong_flood: a peer that sends 300,000 pings and reads nothing is read to the end and holds no more memory than before.
func TestPong_flood(t *testing.T) {
	for role, pings := range map[frame.Role]int{frame.Server: 300_000, frame.Client: 30_000} {
		t.Run(role.String(), func(t *testing.T) {
			overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
				c, far := over(t, role, nil)
				seen := make(chan struct{})
				n := 0
				end := inBackground(func() error {
					return c.Serve(t.Context(), &conn.Events{OnPing: func(*conn.Conn, []byte) {
						if n++; n == pings {
							close(seen)
						}
					}})
				})
				before := runtime.NumGoroutine()
				const each = 1000
				for i := 0; i < pings; i += each {
					var b []byte
					for j := range each {
						b = far.appendFrame(b, frame.Ping, true, strconv.AppendInt([]byte("the ping numbered "), int64(i+j), 10))
					}
					far.sendRaw(b)
					if held := conn.Owed(c); held > 256<<10 {
						t.Fatalf("after %d pings %d bytes wait to be written; want 256 KiB at most", i, held)
					}
				}
				select {
				case <-seen:
				case <-limitedTime(t).Done():
					t.Fatal("the pings were not read")
				}
				if now := runtime.NumGoroutine(); now > before+1 {
					t.Errorf("%d goroutines more than before the pings; want one, which writes", now-before)
				}
				// The peer begins to read: the pongs that it is given are in order, and the last is the latest ping's.
				last := -1
				for last < pings-1 {
					h, p, err := far.next()
					if err != nil {
						t.Fatalf("the peer reads %v after the pong to ping %d", err, last)
					}
					i, err := strconv.Atoi(strings.TrimPrefix(string(p), "the ping numbered "))
					if h.Opcode != frame.Pong || err != nil || i <= last {
						t.Fatalf("after the pong to ping %d the peer reads %v %q", last, h.Opcode, p)
					}
					last = i
				}
				c.Close()
				end()
			})
		})
	}
}

// TestPing_roundTrip measures what the peer's answer took.
func TestPing_roundTrip(t *testing.T) {
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				go mode(c, echo)
				for _, trip := range []time.Duration{0, time.Millisecond, time.Hour} {
					wait := inBackground(func() error {
						got, err := c.Ping(t.Context())
						if got != trip {
							t.Errorf("Ping: %v; want %v", got, trip)
						}
						return err
					})
					_, p, err := far.next()
					if err != nil {
						t.Fatal(err)
					}
					<-time.After(trip)
					far.send(frame.Pong, "not asked for")
					far.send(frame.Pong, "8 bytes.")
					far.send(frame.Pong, string(p))
					if err := wait(); err != nil {
						t.Errorf("Ping: %v", err)
					}
				}
			})
		})
	}
}

// TestPing_answeredByALaterPong: a peer may answer the latest ping alone (RFC 6455 section 5.5.3).
func TestPing_answeredByALaterPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		go c.Serve(t.Context(), nil)
		begun := time.Now()
		var waits []func() time.Duration
		var payloads []string
		for range 4 {
			waits = append(waits, inBackground(func() time.Duration {
				trip, err := c.Ping(t.Context())
				if err != nil {
					t.Error(err)
				}
				return trip
			}))
			_, p, err := far.next()
			if err != nil {
				t.Fatal(err)
			}
			payloads = append(payloads, string(p))
			<-time.After(time.Second)
		}
		far.send(frame.Pong, payloads[2])
		for i, wait := range waits[:3] {
			if got, want := wait(), time.Duration(4-i)*time.Second; got != want {
				t.Errorf("round trip of ping %d: %v; want %v", i, got, want)
			}
		}
		far.send(frame.Pong, payloads[0]) // late, and for nobody
		far.send(frame.Pong, payloads[3])
		if got := waits[3](); got != time.Second {
			t.Errorf("round trip of the last ping: %v; want 1 s", got)
		}
		if took := time.Since(begun); took != 4*time.Second {
			t.Errorf("all took %v; want 4 s", took)
		}
	})
}

// TestPing_onlyTheLast lets many goroutines ping at once and answers nothing but the ping that came last: it answers them all.
func TestPing_onlyTheLast(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, frame.Server, nil)
			go c.Serve(t.Context(), nil)
			var all sync.WaitGroup
			const n = 8
			for range n {
				all.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					if _, err := c.Ping(ctx); err != nil {
						t.Errorf("Ping: %v", err)
					}
				})
			}
			var last []byte
			for range n {
				_, p, err := far.next()
				if err != nil {
					t.Fatal(err)
				}
				last = p
			}
			far.segment(1, frame.Pong, last)
			all.Wait()
		})
	}
}

// TestPing_givesUp: a ping without an answer ends with its context, and costs nothing, or with the connection.
func TestPing_givesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Client, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if _, err := c.Ping(ctx); err != context.DeadlineExceeded || time.Since(begun) != time.Second {
			t.Errorf("Ping without an answer: %v after %v; want %v after 1 s", err, time.Since(begun), context.DeadlineExceeded)
		}
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				if _, err := c.Ping(t.Context()); !errors.Is(err, net.ErrClosed) {
					t.Errorf("Ping on a connection that ends: %v; want net.ErrClosed", err)
				}
			})
		}
		synctest.Wait()
		far.rw.Close()
		_, err := c.Read(t.Context())
		waiting.Wait()
		wantSameEnd(t, c, err)
	})
	synctest.Test(t, func(t *testing.T) {
		c, _ := overPipe(t, frame.Client, nil)
		go c.Shutdown(t.Context(), closecode.NormalClosure, "")
		synctest.Wait()
		if _, err := c.Ping(t.Context()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Ping after the Close frame: %v; want net.ErrClosed", err)
		}
	})
}

// TestWritePing_limits: at most 125 bytes.
func TestWritePing_limits(t *testing.T) {
	c, far := overPipe(t, frame.Client, nil)
	for op, write := range map[frame.Opcode]func([]byte) error{frame.Ping: c.WritePing, frame.Pong: c.WritePong} {
		for _, n := range []int{0, 1, 124, 125} {
			p := make([]byte, n)
			if err := write(p); err != nil {
				t.Errorf("%v of %d bytes: %v", op, n, err)
			}
			far.want(op, string(p))
		}
		if err := write(make([]byte, 126)); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("%v of 126 bytes: %v; want a refusal (RFC 6455 section 5.5)", op, err)
		}
	}
}

// TestWritePing_stalledPeer: control frames never wait. They have room of their own behind whatever data is admitted; when that is used up, they are refused until
// the peer reads.
func TestWritePing_stalledPeer(t *testing.T) {
	for _, size := range []int{10, 1000, 16<<10 - 1, 16 << 10} {
		t.Run(fmt.Sprintf("behind=%d", size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, frame.Server, nil)
				n := stall(t, c, size)
				pings := 0
				var err error
				atOnce(t, func() {
					for ; err == nil && pings < 1_000_000; pings++ {
						err = c.WritePing(make([]byte, 125))
					}
				})
				pings--
				if pings < 4<<10/127 || pings > 400 || errors.Is(err, net.ErrClosed) {
					t.Errorf("%d pings had room, then %v; want 4 KiB of them and a refusal", pings, err)
				}
				if _, pingErr := c.Ping(t.Context()); pingErr != err {
					t.Errorf("Ping: %v; want %v", pingErr, err)
				}
				far.want(frame.Binary, string(make([]byte, stalled)))
				for range n {
					far.want(frame.Binary, string(make([]byte, size)))
				}
				for range pings {
					far.want(frame.Ping, string(make([]byte, 125)))
				}
				if err := c.WritePong([]byte("alive")); err != nil {
					t.Error(err)
				}
				far.want(frame.Pong, "alive")
			})
		})
	}
}

// TestPong_heldBehindAStalledHandler: pongs that gather with the replies of a batch leave within 1 ms.
func TestPong_heldBehindAStalledHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		c := conn.New(a, frame.Server, nil)
		defer c.Close()
		far := newFarEnd(t, b, frame.Client)
		goOn := make(chan struct{})
		go c.Serve(t.Context(), &conn.Events{OnMessage: func(*conn.Conn, conn.Message) { <-goOn }})
		s := far.appendFrame(nil, frame.Ping, true, []byte("p"))
		s = far.appendFrame(s, frame.Text, true, nil)
		s = far.appendFrame(s, frame.Text, true, nil)
		begun := time.Now()
		far.sendRaw(s)
		far.want(frame.Pong, "p")
		if took := time.Since(begun); took > time.Millisecond {
			t.Errorf("the pong was held for %v; want 1 ms at most", took)
		}
		close(goOn)
	})
}

package conn_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// stalled is how long the message is that stall sends first.
const stalled = 100 << 10

// stall makes the peer one that does not read: a message of stalled zeros fills the 64 KiB of the pipe and is held up in the transport, and
// so many messages of size zeros that no more is admitted wait behind it. It returns how many. Call it in a synctest bubble, over a pipe.
func stall(t *testing.T, c *conn.Conn, size int) (messages int) {
	t.Helper()
	go c.Write(t.Context(), frame.Binary, make([]byte, stalled))
	synctest.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	p := make([]byte, size)
	done := inBackground(func() error {
		for {
			if err := c.Write(ctx, frame.Binary, p); err != nil {
				return err
			}
			messages++
		}
	})
	synctest.Wait()
	cancel()
	if err := done(); err != context.Canceled {
		t.Fatalf("Write to a peer that does not read: %v; want %v", err, context.Canceled)
	}
	return messages
}

// TestWrite_notInsideAStreamedMessage lets writes and a NextWriter wait for room together: whoever is admitted first, no message
// begins inside another.
func TestWrite_notInsideAStreamedMessage(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, frame.Server, nil)
			want := 1 + stall(t, c, 1000)
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					if i != 4 {
						if err := c.Write(t.Context(), frame.Text, []byte("whole")); err != nil {
							t.Error(err)
						}
						return
					}
					w, err := c.NextWriter(t.Context(), frame.Binary)
					for range 6 {
						if err == nil {
							_, err = w.Write(make([]byte, 10<<10))
						}
					}
					if err == nil {
						err = w.Close()
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
			want += 8
			got := 0
			for got < want {
				h, _, err := far.next() // holds the order of frames to RFC 6455 section 5.4
				if err != nil {
					t.Fatalf("the peer reads %v after %d of %d messages", err, got, want)
				}
				if h.Fin {
					got++
				}
			}
			wg.Wait()
		})
	}
}

// TestWrite_contextEnded: a context that has ended before Write is called costs the connection nothing.
func TestWrite_contextEnded(t *testing.T) {
	overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
		c, far := over(t, frame.Server, nil)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, size := range []int{0, 1000, 100_000} {
			if err := c.Write(ended, frame.Binary, make([]byte, size)); err != context.Canceled {
				t.Errorf("Write of %d bytes: %v; want %v", size, err, context.Canceled)
			}
		}
		if _, err := c.NextWriter(ended, frame.Text); err != context.Canceled {
			t.Errorf("NextWriter: %v; want %v", err, context.Canceled)
		}
		if err := c.Write(t.Context(), frame.Text, []byte("alive")); err != nil {
			t.Errorf("Write after that: %v", err)
		}
		far.want(frame.Text, "alive")
	})
}

// TestWrite_largeIsNotStarved keeps small messages coming without a gap; a large one, which must wait until nobody is writing, gets
// its turn all the same.
func TestWrite_largeIsNotStarved(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		t.Run(role.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, role, nil)
				ctx, cancel := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() {
						for c.Write(ctx, frame.Text, make([]byte, 1000)) == nil {
						}
					})
				}
				synctest.Wait()
				wg.Go(func() {
					if err := c.Write(ctx, frame.Binary, make([]byte, 100<<10)); err != nil {
						t.Errorf("the large message: %v", err)
					}
				})
				synctest.Wait()
				for before := 0; ; before++ {
					h, _, err := far.next()
					if err != nil {
						t.Fatal(err)
					}
					if h.Opcode == frame.Binary {
						break
					}
					if before > 1000 {
						t.Error("1000 small messages, 1 MB, passed the large one")
						break
					}
				}
				cancel()
				c.Close()
				wg.Wait()
			})
		})
	}
}

// TestWrite_notStarvedByStreams: who sends one streamed message after the other does not pass a Write that waits for the end of the first.
func TestWrite_notStarvedByStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		next := make(chan struct{})
		streams := inBackground(func() error {
			for i := range 5 {
				w, err := c.NextWriter(t.Context(), frame.Binary)
				if err == nil {
					_, err = w.Write([]byte{byte(i)})
				}
				if i == 0 {
					<-next
				}
				if err == nil {
					err = w.Close()
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		synctest.Wait()
		waiting := inBackground(func() error { return c.Write(t.Context(), frame.Text, nil) })
		synctest.Wait()
		close(next)
		far.want(frame.Binary, "\x00")
		far.want(frame.Text, "")
		for i := range 4 {
			far.want(frame.Binary, string([]byte{byte(1 + i)}))
		}
		if err := errors.Join(streams(), waiting()); err != nil {
			t.Error(err)
		}
	})
}

// TestWrite_lineOfManyKinds lets small and large frames and streams wait in random order, and some give up. All the others are sent, each once.
func TestWrite_lineOfManyKinds(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 6))
			c, far := overPipe(t, frame.Client, nil)
			n := stall(t, c, 1000)
			const waiting = 30
			var ends [waiting]func() error
			var cancels [waiting]func()
			for i := range waiting {
				kind, size, own := r.IntN(3), 6+r.IntN(1000), rand.New(rand.NewPCG(seed, uint64(i)))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				cancels[i] = cancel
				ends[i] = inBackground(func() error {
					switch kind {
					case 0:
						return c.Write(ctx, frame.Binary, stamped(size, i, 0))
					case 1:
						return c.Write(ctx, frame.Binary, stamped(size+20_000, i, 0))
					default:
						return stream(ctx, c, stamped(size, i, 0), own)
					}
				})
				if r.IntN(2) == 0 {
					synctest.Wait()
				}
			}
			synctest.Wait()
			var gone [waiting]bool
			for i := range waiting {
				if r.IntN(3) > 0 {
					continue
				}
				cancels[i]()
				gone[i] = true
				if err := ends[i](); err != context.Canceled {
					t.Errorf("seed %d: a write that gave up: %v; want %v", seed, err, context.Canceled)
				}
			}
			far.want(frame.Binary, string(make([]byte, stalled)))
			for range n {
				far.want(frame.Binary, string(make([]byte, 1000)))
			}
			var message []byte
			for i := range waiting {
				if gone[i] {
					continue
				}
				for message = message[:0]; ; {
					h, p, err := far.next()
					if err != nil {
						t.Fatal(err)
					}
					if message = append(message, p...); h.Fin {
						break
					}
				}
				from, _, ok := checkStamp(message)
				if !ok || from >= waiting || cancels[from] == nil || gone[from] {
					t.Fatalf("seed %d: the peer reads a message of %d bytes, whole: %v, which was not sent, or again", seed, len(message), ok)
				}
				cancels[from] = nil
			}
			for i, end := range ends {
				if gone[i] {
					continue
				}
				if err := end(); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

package conn_test

import (
	"context"
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

package conn_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// TestCombine_oneWrite: what a hundred goroutines send while one is in the transport leaves in one write.
func TestCombine_oneWrite(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		synctest.Test(t, func(t *testing.T) {
			a, b := memory.Pipe()
			tr := &counted{Conn: a}
			c := conn.New(tr, role, nil)
			far := newFarEnd(t, b, role.Peer())
			defer c.Close()
			release := tr.hold()
			go c.Write(t.Context(), frame.Text, []byte("first"))
			synctest.Wait()
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() {
					if err := c.Write(t.Context(), frame.Text, []byte("more")); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait() // they need not wait for the transport
			release()
			far.want(frame.Text, "first")
			for range 100 {
				far.want(frame.Text, "more")
			}
			if got := tr.writes.Load(); got != 2 {
				t.Errorf("%v: 101 messages left in %d writes; want 2", role, got)
			}
		})
	}
}

// TestCombine_socket: the same where the system is asked directly: what is written while a large message is stuck in the socket leaves
// together.
func TestCombine_socket(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		a, b := socketPair(t)
		a.SetWriteBuffer(32 << 10)
		b.SetReadBuffer(32 << 10)
		c := conn.New(a, role, nil)
		writes := conn.CountWrites(c)
		far := newFarEnd(t, b, role.Peer())
		b.SetDeadline(time.Now().Add(tooLong))
		const large, n, writers, size = 1 << 20, 60, 8, 100
		stuck := inBackground(func() error { return c.Write(t.Context(), frame.Text, make([]byte, large)) })
		if _, err := far.r.Next(); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range writers {
			all.Go(func() {
				for range n {
					if err := c.Write(t.Context(), frame.Binary, make([]byte, size)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait() // they need not wait for the transport
		for range n * writers {
			far.want(frame.Binary, string(make([]byte, size)))
		}
		if err := stuck(); err != nil {
			t.Error(err)
		}
		c.Close()
		if got := writes.Load(); got > n*writers/2 { // those of the large one among them
			t.Errorf("%v: %d messages left in %d writes; want much fewer", role, n*writers, got)
		}
	}
}

// stamped returns a payload of n bytes, 6 at least, that says who sent it as which of his messages.
func stamped(n, writer, number int) []byte {
	p := make([]byte, max(n, 6))
	binary.BigEndian.PutUint16(p, uint16(writer))
	binary.BigEndian.PutUint32(p[2:], uint32(number))
	copy(p[6:], pattern[(writer*311+number*17)%(1<<19):])
	return p
}

// pattern looks different from every offset that payloads begin at.
var pattern = func() []byte {
	p := make([]byte, 2<<20)
	for i := range p {
		p[i] = byte(i ^ i>>8*7 ^ i>>16*13)
	}
	return p
}()

// checkStamp returns who sent the payload as which of his messages; ok is false where it is not as stamped has made it.
func checkStamp(p []byte) (writer, number int, ok bool) {
	if len(p) < 6 {
		return 0, 0, false
	}
	writer, number = int(binary.BigEndian.Uint16(p)), int(binary.BigEndian.Uint32(p[2:]))
	return writer, number, bytes.Equal(p[6:], pattern[(writer*311+number*17)%(1<<19):][:len(p)-6])
}

// TestCombine_wholeAndInOrder: many goroutines write small and large messages, streams and control frames, to a peer that reads in gulps of random
// sizes. No frame is torn, and each goroutine's messages arrive in its order.
func TestCombine_wholeAndInOrder(t *testing.T) {
	sizes := []int{6, 10, 125, 126, 1000, 4096, 16<<10 - 4, 16 << 10, 16<<10 + 1, 64 << 10, 100_000, 200_000}
	const writers, each = 8, 30
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		t.Run(role.String(), func(t *testing.T) {
			overBoth(t, func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd)) {
				c, far := over(t, role, nil)
				far.r = frame.NewReader(gulps{far.rw, rand.New(rand.NewPCG(1, 2))}, frame.Validator{From: role})
				var all sync.WaitGroup
				for w := range writers {
					all.Go(func() {
						r := rand.New(rand.NewPCG(uint64(w), 3))
						for i := range each {
							p := stamped(sizes[r.IntN(len(sizes))], w, i)
							kept := bytes.Clone(p)
							var err error
							if w == 0 {
								err = stream(t.Context(), c, p, r)
							} else {
								err = c.Write(t.Context(), frame.Binary, p)
							}
							if err == nil && r.IntN(4) == 0 {
								err = c.WritePong(nil)
							}
							if err != nil {
								t.Errorf("writer %d: %v", w, err)
								return
							}
							if !bytes.Equal(p, kept) {
								t.Error("Write changed the caller's bytes")
							}
							clear(p) // the caller's again
						}
					})
				}
				var next [writers]int
				var message []byte
				for got := 0; got < writers*each; {
					h, p, err := far.next()
					if err != nil {
						t.Fatalf("the peer reads %v after %d messages", err, got)
					}
					if h.Opcode == frame.Pong {
						continue
					}
					message = append(message, p...)
					if !h.Fin {
						continue
					}
					w, number, ok := checkStamp(message)
					if !ok || w >= writers || number != next[w] {
						t.Fatalf("message %d of writer %d, whole: %v; want number %d", number, w, ok, next[min(w, writers-1)])
					}
					next[w]++
					message = message[:0]
					got++
				}
				all.Wait()
			})
		})
	}
}

// gulps reads in pieces of random length.
type gulps struct {
	r    io.Reader
	rand *rand.Rand
}

func (g gulps) Read(p []byte) (int, error) {
	return g.r.Read(p[:min(len(p), 1+g.rand.IntN(8<<10))])
}

// stream sends p by way of NextWriter, in pieces.
func stream(ctx context.Context, c *conn.Conn, p []byte, r *rand.Rand) error {
	w, err := c.NextWriter(ctx, frame.Binary)
	for err == nil && len(p) > 0 {
		n := 1 + r.IntN(min(len(p), 40_000))
		_, err = w.Write(p[:n])
		p = p[n:]
	}
	if err != nil {
		return err
	}
	return w.Close()
}

// TestCombine_stalledPeer: 64 KiB of frames wait behind the write in the transport; whoever comes then waits himself. The
// end of his context costs him his message, and nobody else anything.
func TestCombine_stalledPeer(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		for _, size := range []int{0, 10, 16 << 10, 16<<10 + 1, 300_000} {
			t.Run(fmt.Sprintf("%v/size=%d", role, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, far := overPipe(t, role, nil)
					n := stall(t, c, 1000)
					if n < 60 || n > 70 {
						t.Errorf("%d messages of 1000 bytes were taken; want 64 KiB of them", n)
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					begun := time.Now()
					for _, err := range []error{
						c.Write(ctx, frame.Text, make([]byte, size)),
						stream(ctx, c, make([]byte, size), rand.New(rand.NewPCG(1, 1))),
					} {
						if err != context.DeadlineExceeded {
							t.Errorf("Write to a stalled peer: %v; want %v", err, context.DeadlineExceeded)
						}
					}
					if took := time.Since(begun); took != time.Minute {
						t.Errorf("they waited for %v; want a minute", took)
					}
					last := inBackground(func() error { return c.Write(t.Context(), frame.Text, []byte("last")) })
					far.want(frame.Binary, string(make([]byte, stalled)))
					for range n {
						far.want(frame.Binary, string(make([]byte, 1000)))
					}
					far.want(frame.Text, "last")
					if err := last(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// TestCombine_contextInTheTransport: where the context ends of a write that is in the transport, part of the frame may have left. The connection is
// ended, Write returns the context's error, and all who wait are told.
func TestCombine_contextInTheTransport(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		for _, size := range []int{100, 1000, 16 << 10, 70_000, 1_000_000} {
			t.Run(fmt.Sprintf("%v/size=%d", role, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, _ := overPipe(t, role, nil)
					ctx, cancel := context.WithCancel(t.Context())
					first := inBackground(func() error {
						for {
							if err := c.Write(ctx, frame.Binary, make([]byte, size)); err != nil {
								return err
							}
						}
					})
					synctest.Wait() // it is in the transport
					var others [3]func() error
					for i := range others {
						others[i] = inBackground(func() error {
							for {
								if err := c.Write(t.Context(), frame.Text, make([]byte, 1000)); err != nil {
									return err
								}
							}
						})
					}
					reader := inBackground(func() error { _, err := c.Read(t.Context()); return err })
					synctest.Wait() // they wait for room
					atOnce(t, func() {
						cancel()
						if err := first(); err != context.Canceled {
							t.Errorf("Write whose context ended: %v; want %v", err, context.Canceled)
						}
						end := reader()
						for _, other := range others {
							if err := other(); err != end {
								t.Errorf("a Write behind it: %v; want the connection's end, %v", err, end)
							}
						}
						if !errors.Is(end, context.Canceled) {
							t.Errorf("the end is %v; want one that says why", end)
						}
						wantSameEnd(t, c, end)
					})
				})
			})
		}
	}
}

// TestCombine_contextInTheSocket is the same over a socket, in the middle of a message that no socket's buffers can take.
func TestCombine_contextInTheSocket(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		c, far := overTCP(t, role, nil)
		ctx, cancel := context.WithCancel(t.Context())
		first := inBackground(func() error { return c.Write(ctx, frame.Binary, make([]byte, 64<<20)) })
		if _, err := io.ReadFull(far.rw, make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		waiting := inBackground(func() error { return c.Write(t.Context(), frame.Binary, make([]byte, 20_000)) })
		cancel()
		if err := first(); err != context.Canceled {
			t.Errorf("%v: Write whose context ended: %v; want %v", role, err, context.Canceled)
		}
		_, end := c.Read(t.Context())
		if err := waiting(); err != end {
			t.Errorf("%v: a Write behind it: %v; want %v", role, err, end)
		}
		wantSameEnd(t, c, end)
	}
}

// TestSetWriteDeadline_stalled: a write that the peer does not take gives up at the deadline, which may be moved meanwhile, and ends the
// connection.
func TestSetWriteDeadline_stalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := overPipe(t, frame.Server, nil)
		begun := time.Now()
		c.SetWriteDeadline(begun.Add(time.Hour))
		wait := inBackground(func() error { return c.Write(t.Context(), frame.Binary, make([]byte, stalled)) })
		synctest.Wait()
		if err := c.SetWriteDeadline(begun.Add(time.Second)); err != nil {
			t.Error(err)
		}
		err := wait()
		if took := time.Since(begun); took != time.Second || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %v after %v; want %v after 1 s", err, took, os.ErrDeadlineExceeded)
		}
		wantSameEnd(t, c, err)
		if err2 := c.SetWriteDeadline(time.Time{}); err2 != err {
			t.Errorf("SetWriteDeadline on the ended connection: %v; want %v", err2, err)
		}
	})
}

// slowToGiveUp is a transport whose Write notices a deadline in the past and then takes its time, after which it has written all.
type slowToGiveUp struct {
	net.Conn
	deadlines chan time.Time // as they are set
	goOn      chan struct{}
}

func (t *slowToGiveUp) Write(p []byte) (int, error) {
	<-t.goOn
	return len(p), nil
}

func (t *slowToGiveUp) SetWriteDeadline(at time.Time) error {
	t.deadlines <- at
	return nil
}

// TestSetWriteDeadline_duringInterruption: a deadline set between the end of a write's context and the end of the write does not undo the
// interruption; it holds from then on.
func TestSetWriteDeadline_duringInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := memory.Pipe()
		tr := &slowToGiveUp{a, make(chan time.Time, 10), make(chan struct{})}
		c := conn.New(tr, frame.Server, nil)
		defer c.Close()
		ctx, cancel := context.WithCancel(t.Context())
		wait := inBackground(func() error { return c.Write(ctx, frame.Text, []byte("m")) })
		synctest.Wait()
		cancel()
		if at := <-tr.deadlines; !at.Before(time.Now()) {
			t.Errorf("the interruption set the deadline %v; want one in the past", at)
		}
		later := time.Now().Add(time.Hour)
		c.SetWriteDeadline(later)
		synctest.Wait()
		if len(tr.deadlines) > 0 {
			t.Errorf("SetWriteDeadline undid the interruption with %v", <-tr.deadlines)
		}
		close(tr.goOn)
		if err := wait(); err != nil {
			t.Errorf("Write, which the transport took: %v", err)
		}
		if at := <-tr.deadlines; !at.Equal(later) {
			t.Errorf("after the write the deadline is %v; want %v", at, later)
		}
	})
}

// noDeadlines is a transport with nothing but the three methods. It counts how often it is closed.
type noDeadlines struct {
	io.ReadWriteCloser
	closed *atomic.Int64
}

func (t noDeadlines) Close() error {
	t.closed.Add(1)
	return t.ReadWriteCloser.Close()
}

// TestCombine_noDeadlines: on a transport without deadlines the end of a write's context closes it, once, and the connection ends.
func TestCombine_noDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := memory.Pipe()
		tr := noDeadlines{a, new(atomic.Int64)}
		c := conn.New(struct{ io.ReadWriteCloser }{tr}, frame.Server, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Write(ctx, frame.Binary, make([]byte, stalled)); err != context.DeadlineExceeded {
			t.Errorf("Write: %v; want %v", err, context.DeadlineExceeded)
		}
		_, err := c.Read(t.Context())
		wantSameEnd(t, c, err)
		c.Close()
		if n := tr.closed.Load(); n != 1 {
			t.Errorf("the transport was closed %d times; want once", n)
		}
		if err := c.SetWriteDeadline(time.Now()); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("SetWriteDeadline: %v; want errors.ErrUnsupported", err)
		}
	})
}

// TestCombine_nobodyIsCaptive: a goroutine whose frame has left does not go on writing those of others for ever, though here one more is
// waiting after each call of the system: the calls beyond the first few do not go on before it has returned.
func TestCombine_nobodyIsCaptive(t *testing.T) {
	c, far := overTCP(t, frame.Server, nil)
	until := limitedTime(t)
	returned := make(chan struct{})
	var calls atomic.Int64
	conn.OnWrite(c, func() {
		n := calls.Add(1)
		if n > 1+conn.InlineRounds {
			select {
			case <-returned:
			case <-until.Done():
				t.Error("Write did not return while others wrote")
			}
		}
		if n < 100 {
			c.Write(t.Context(), frame.Text, []byte("more")) // behind the write in progress
		}
	})
	if err := c.Write(t.Context(), frame.Text, []byte("first")); err != nil {
		t.Error(err)
	}
	close(returned)
	far.want(frame.Text, "first")
	for range 99 {
		far.want(frame.Text, "more")
	}
}

// TestWrite_newcomersWait: while a large message waits for its turn, small ones that come later do not pass it, even where there is
// room for them.
func TestWrite_newcomersWait(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, role, nil)
			n := stall(t, c, 1000)
			var all sync.WaitGroup
			for _, size := range []int{20_000, 1, 30_000, 2} {
				all.Go(func() {
					if err := c.Write(t.Context(), frame.Text, make([]byte, size)); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait() // in line
			}
			far.want(frame.Binary, string(make([]byte, stalled))) // what waited behind it is stuck in the transport now, and leaves room
			synctest.Wait()
			all.Go(func() { c.Write(t.Context(), frame.Text, make([]byte, 3)) })
			synctest.Wait()
			for range n {
				far.want(frame.Binary, string(make([]byte, 1000)))
			}
			for _, size := range []int{20_000, 1, 30_000} {
				far.want(frame.Text, string(make([]byte, size)))
			}
			_, a, _ := far.next() // small ones may pass each other
			_, b, err := far.next()
			if len(a)+len(b) != 2+3 || err != nil {
				t.Errorf("then the peer reads %d and %d bytes, %v; want 2 and 3", len(a), len(b), err)
			}
			all.Wait()
		})
	}
}

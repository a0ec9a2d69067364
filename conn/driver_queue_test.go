package conn_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// numbered are n messages of which no two are the same and that compress well.
func numbered(n, size int) (all []string) {
	for i := range n {
		s := fmt.Sprintf("message %d of many, ", i)
		all = append(all, strings.Repeat(s, size/len(s)+1)[:size])
	}
	return all
}

// TestOptions_WriteQueue writes 20 messages of 1,000 bytes to a transport that takes a part of the first and then nothing. The queue has room for so many of
// them; each counts 128 bytes more.
func TestOptions_WriteQueue(t *testing.T) {
	for _, tt := range []struct {
		queue, room int // room is how many messages it holds
	}{{1, 1}, {1127, 1}, {2255, 1}, {2256, 2}, {5639, 4}, {5640, 5}, {1128 * 19, 19}, {0, 19}, {-1, 19}} {
		sent := numbered(20, 1000)
		first, rest := sent[:1], sent[1:]
		for policy, want := range map[conn.QueueFull][]string{
			conn.FullError:      slices.Concat(first, rest[:tt.room]),
			conn.FullDropNewest: slices.Concat(first, rest[:tt.room]),
			conn.FullDropOldest: slices.Concat(first, rest[len(rest)-tt.room:]),
			conn.FullClose:      nil,
		} {
			// Without context takeover they are compressed before they are queued.
			for _, z := range []compression{{name: "none"}, inContext, dedicated, narrow} {
				t.Run(fmt.Sprintf("WriteQueue=%d/policy %d/%s", tt.queue, policy, z.name), func(t *testing.T) {
					opts := z.options()
					opts.WriteQueue, opts.WhenFull = tt.queue, policy
					x := overWire(t, frame.Server, opts, nil, 10)
					x.feed()
					refused, last := 0, error(nil)
					for _, s := range sent {
						err := x.c.Write(t0, frame.Binary, []byte(s))
						if err != nil {
							refused++
							last = err
						}
					}
					lost := 19 - tt.room
					dropped := uint64(lost)
					if policy == conn.FullError || policy == conn.FullClose {
						dropped = 0
					}
					if got := x.c.Dropped(); got != dropped {
						t.Errorf("Dropped() = %d; want %d", got, dropped)
					}
					switch {
					case policy == conn.FullClose && lost > 0:
						wantEndErr(t, last, conn.ErrQueueFull)
						if !x.w.isClosed() || x.c.Buffered() != 0 {
							t.Errorf("the transport is closed: %v, %d bytes are kept", x.w.isClosed(), x.c.Buffered())
						}
						x.d.End(nil)
						return
					case policy == conn.FullError && lost > 0:
						if refused != lost || last != conn.ErrQueueFull {
							t.Errorf("%d writes failed, the last with %v; want %d, with ErrQueueFull", refused, last, lost)
						}
					case refused != 0:
						t.Errorf("%d writes failed, the last with %v; want none", refused, last)
					}
					if n := x.c.Buffered(); !z.Active && n != 1000*tt.room+994 {
						t.Errorf("Buffered() = %d; want %d, with the rest of the first", n, 1000*tt.room+994)
					}
					if policy == conn.FullClose {
						want = sent
					}
					x.flush()
					x.write("the last one")
					x.wantArrived(closecode.AbnormalClosure, append(slices.Clone(want), "the last one")...)
					x.close()
				})
			}
		}
	}
}

// TestOptions_WriteQueue_long: a message that is longer than the queue is queued alone.
func TestOptions_WriteQueue_long(t *testing.T) {
	long := textOf(100_000)
	for _, policy := range []conn.QueueFull{conn.FullError, conn.FullDropNewest, conn.FullDropOldest} {
		x := overWire(t, frame.Client, &conn.Options{WriteQueue: 1000, WhenFull: policy}, nil, 1)
		x.write("first")
		x.write(long)
		err := x.c.Write(t0, frame.Binary, []byte("x"))
		want := []string{"first", long}
		if policy == conn.FullDropOldest {
			want[1] = "x"
		}
		if (err == conn.ErrQueueFull) != (policy == conn.FullError) {
			t.Errorf("policy %d: a message behind it: %v", policy, err)
		}
		x.flush()
		x.wantArrived(closecode.AbnormalClosure, want...)
		x.close()

		x = overWire(t, frame.Client, &conn.Options{WriteQueue: 1000, WhenFull: policy}, nil, 1)
		x.write("first")
		x.write("second")
		err = x.c.Write(t0, frame.Binary, []byte(long))
		want = []string{"first", "second"}
		if policy == conn.FullDropOldest {
			want[1] = long
		}
		if (err == conn.ErrQueueFull) != (policy == conn.FullError) {
			t.Errorf("policy %d: a long message behind a short one: %v", policy, err)
		}
		x.flush()
		x.wantArrived(closecode.AbnormalClosure, want...)
		x.close()
	}
}

// TestOptions_WriteQueue_senders: every way to send is queued, and keeps its place.
func TestOptions_WriteQueue_senders(t *testing.T) {
	for _, z := range append(compressions, compression{name: "none"}) {
		for _, role := range roles {
			for _, room := range []int{0, 33, 40_000, -1} {
				x := overWire(t, role, z.options(), nil, room)
				var want []string
				for i, size := range []int{1, 600, 5000, 20_000, 70_000} {
					for j, s := range senders {
						p := proseOf(size + 10*i + j)
						if err := s.send(x.c, frame.Text, []byte(p)); err != nil {
							t.Errorf("%s: %s of %d bytes: %v", z.name, s.name, size, err)
						}
						want = append(want, p)
					}
				}
				for room >= 0 && x.c.Buffered() > 0 {
					x.writable(50_021)
				}
				x.wantArrived(closecode.AbnormalClosure, want...)
				x.close()
			}
		}
	}
}

// TestOptions_WriteQueue_context: a context that has ended keeps the message back; one that ends later does not matter, since nothing waits.
func TestOptions_WriteQueue_context(t *testing.T) {
	x := overWire(t, frame.Server, nil, nil, 0)
	ctx, cancel := context.WithCancel(t0)
	if err := x.c.Write(ctx, frame.Text, []byte("one")); err != nil {
		t.Error(err)
	}
	if err := x.c.Write(ctx, frame.Text, []byte("two")); err != nil {
		t.Error(err)
	}
	cancel()
	if err := x.c.Write(ctx, frame.Text, []byte("three")); !errors.Is(err, ctx.Err()) {
		t.Errorf("Write with an ended context: %v", err)
	}
	x.flush()
	x.wantArrived(closecode.AbnormalClosure, "one", "two")
	x.close()
}

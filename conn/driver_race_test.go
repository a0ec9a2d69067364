package conn_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_writers: several goroutines send in every way while the transport has little room, or a lot. Every message arrives whole, and those of one
// goroutine in their order.
func TestDriver_writers(t *testing.T) {
	const writers, each = 4, 60
	for _, z := range append(compressions, compression{name: "none"}) {
		for _, room := range []int{1000, 30_000, 1 << 20} {
			for _, role := range roles {
				t.Run(fmt.Sprintf("%s/room=%d/%v", z.name, room, role), func(t *testing.T) {
					t.Parallel()
					opts := z.options()
					opts.WriteQueue, opts.HighWater = -1, -1
					client, server := pipeLink.pair(t, opts)
					driven, other := client, server
					if role == frame.Server {
						driven, other = server, client
					}
					l, d, err := newLoop(driven, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
						if err := c.Write(t0, m.Op, m.Data); err != nil {
							t.Errorf("Write by the loop: %v", err)
						}
					}}, room, 500)
					if err != nil {
						t.Fatal(err)
					}
					ended := inBackground(func() error { return l.run(d) })
					var all sync.WaitGroup
					for w := range writers {
						all.Go(func() { writeNumbered(t, driven, w, each) })
					}
					all.Go(func() { writeNumbered(t, other, writers, each) }) // comes back, from the loop
					next := make([]int, writers+1)
					for range (writers + 1) * each {
						m, err := other.Read(t0)
						if err != nil {
							t.Fatal(err)
						}
						var w, n, size int
						if _, err := fmt.Sscanf(string(m.Data), "%d %d %d ", &w, &n, &size); err != nil || n != next[w] || len(m.Data) != size {
							t.Errorf("message %.20q of %d bytes; want number %d of writer %d", m.Data, len(m.Data), next[w], w)
						}
						next[w] = n + 1
					}
					all.Wait()
					if err := other.Shutdown(t0, closecode.NormalClosure, ""); err != nil {
						t.Error(err)
					}
					wantCloseError(t, ended(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
				})
			}
		}
	}
}

// writeNumbered sends n messages that tell who sends them, their number and their length.
func writeNumbered(t *testing.T, c *conn.Conn, writer, n int) {
	rnd := rand.New(rand.NewPCG(uint64(writer), 0))
	for i := range n {
		size := 20 + rnd.IntN(100<<rnd.IntN(10))
		head := fmt.Sprintf("%d %d %d ", writer, i, size)
		p := []byte(head + strings.Repeat("laminar ", size/8+1)[:size-len(head)])
		s := senders[rnd.IntN(len(senders))]
		for {
			err := s.send(c, frame.Text, p)
			if err != nil && strings.Contains(err.Error(), "another NextWriter") {
				continue // nothing waits for it here
			}
			if err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
			break
		}
	}
}

// TestDriver_streamWhileCompressing: a NextWriter is refused for another one alone, not for a long message that is being compressed.
func TestDriver_streamWhileCompressing(t *testing.T) {
	opts := inContext.options()
	opts.WriteQueue = -1 // what is written while the stream's goroutine does not run waits for it
	x := overWire(t, frame.Server, opts, nil, -1)
	long := []byte(proseOf(200_000))
	done := make(chan struct{})
	wrote := inBackground(func() error {
		defer close(done)
		for range 20 {
			if err := x.c.Write(t0, frame.Text, long); err != nil {
				return err
			}
		}
		return nil
	})
	n := 0
	for compressing := true; compressing; n++ {
		if err := sendStream(x.c, []byte("stream")); err != nil {
			t.Fatalf("NextWriter: %v", err)
		}
		select {
		case <-done:
			compressing = false
		default:
			runtime.Gosched()
		}
	}
	if err := wrote(); err != nil {
		t.Error(err)
	}
	x.await(20 + n)
	got, err := x.arrived()
	if len(got) != 20+n {
		t.Errorf("%d messages arrive, then %v; want %d", len(got), err, 20+n)
	}
	x.close()
}

// TestDriver_detachedMeanwhile: while a message is detached, in a callback, the connection is a driven one all the same: a Shutdown elsewhere does not try
// to read from it.
func TestDriver_detachedMeanwhile(t *testing.T) {
	for range 200 {
		ended := make(chan struct{})
		x := overWire(t, frame.Server, nil, &conn.Events{OnMessage: func(_ *conn.Conn, m conn.Message) {
			for range 100 {
				m.Detach().Release()
			}
		}}, -1)
		x.feed()
		go func() {
			defer close(ended)
			x.c.Shutdown(t0, closecode.NormalClosure, "")
		}()
		for range 10 {
			x.d.Feed(x.p.frame(0x81, "m"))
		}
		if _, err := x.c.Read(t0); err == nil || !strings.Contains(err.Error(), "event loop") {
			t.Fatalf("Read: %v; want it refused", err)
		}
		x.c.Close()
		x.d.End(nil)
		<-ended
	}
}

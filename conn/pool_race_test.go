package conn_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// The release run has 10,000,000 messages: go test -race -run TestPoolIsolation ./conn -isolation 10000000 -timeout 0.
var isolation = flag.Int("isolation", 100_000, "messages of TestPoolIsolation")

// TestPoolIsolation: 256 connections share the pools, each fills its messages with a pattern of its own, in sizes around every size class. All
// sides check every byte they are given, while connections are cut in the middle of frames, messages are detached and held, and replies come from
// other goroutines. Not one foreign byte is seen.
func TestPoolIsolation(t *testing.T) {
	const connections = 256
	messages := *isolation
	if testing.Short() {
		messages /= 10
	}
	var left, foreign, cuts atomic.Int64
	left.Store(int64(messages))
	var all sync.WaitGroup
	for id := range connections {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(id), 5))
			for left.Load() > 0 && foreign.Load() == 0 {
				e := exchange{id: id, left: &left, foreign: &foreign, rand: r}
				e.run(t)
				cuts.Add(1)
			}
		})
	}
	all.Wait()
	if n := foreign.Load(); n > 0 {
		t.Errorf("%d messages had bytes that do not belong to their connection", n)
	}
	t.Logf("%d messages, %d connections cut in the middle of frames", messages, cuts.Load())
}

// exchange is the life of one connection of TestPoolIsolation.
type exchange struct {
	id            int
	left, foreign *atomic.Int64 // messages that are still to be exchanged, and those that were wrong
	rand          *rand.Rand
}

// check checks a message of this connection.
func (e *exchange) check(p []byte) (number int) {
	id, number, ok := checkStamp(p)
	if !ok || id != e.id {
		e.foreign.Add(1)
	}
	return number
}

// size returns a length around the border of a size class, a small one mostly. Header and mask move frames over the border.
func (e *exchange) size() int {
	class := 6
	for class < 20 && e.rand.IntN(2) > 0 {
		class++
	}
	return max(6, 1<<class-20+e.rand.IntN(26))
}

// run exchanges messages and then cuts the connection.
func (e *exchange) run(t *testing.T) {
	var a, b net.Conn
	if e.id%2 == 0 {
		a, b = memory.Pipe()
	} else {
		a, b = socketPair(t)
	}
	opts := &conn.Options{MaxMessage: 2 << 20}
	client, server := conn.New(a, frame.Client, opts), conn.New(b, frame.Server, opts)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var replies sync.WaitGroup
	served := inBackground(func() error {
		n := 0
		return server.Serve(context.Background(), &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
			e.check(m.Data)
			switch n++; n % 16 {
			case 0: // the reply comes later, from the message's own memory
				kept := m.Detach()
				replies.Go(func() {
					e.check(kept.B)
					c.Write(ctx, m.Op, kept.B)
					kept.Release()
				})
			case 1:
				copied := m.Clone()
				replies.Go(func() {
					c.Write(ctx, m.Op, copied)
				})
			default:
				c.Write(ctx, m.Op, m.Data)
			}
		}})
	})
	const window = 8 // messages on their way
	tokens := make(chan struct{}, window)
	lifetime := 50 + e.rand.IntN(400)
	writer := inBackground(func() error {
		r := rand.New(rand.NewPCG(uint64(e.id), uint64(lifetime)))
		for i := range lifetime {
			select {
			case tokens <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			p := stamped(e.size(), e.id, i)
			var err error
			if i%10 == 0 {
				err = stream(ctx, client, p, r)
			} else {
				err = client.Write(ctx, frame.Binary, p)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	var held *bufpool.Buffer
	drop := func() {
		if held != nil {
			e.check(held.B)
			held.Release()
			held = nil
		}
	}
	quiet := true // when all is exchanged, nothing is on its way
	for range lifetime {
		if e.left.Add(-1) < 0 {
			quiet = false
			break
		}
		m, err := client.Read(ctx)
		if err != nil {
			t.Errorf("connection %d: %v", e.id, err)
			quiet = false
			break
		}
		drop()
		if e.check(m.Data)%9 == 0 {
			held = m.Detach() // beyond the next read
		}
		<-tokens
	}
	e.cut(client, a, quiet)
	cancel()
	writer()
	client.Close()
	served()
	server.Close()
	replies.Wait()
	drop()
}

// cut ends the connection in the middle of a frame. quiet says that there is no other on its way.
func (e *exchange) cut(client *conn.Conn, transport net.Conn, quiet bool) {
	p := stamped(100_000, e.id, 0)
	switch way := e.id / 2 % 3; {
	case way == 0 && quiet: // half a frame is all that comes
		far := farEnd{role: frame.Client}
		transport.Write(far.appendFrame(nil, frame.Binary, true, p)[:1+len(p)/2])
		transport.Close()
	case way == 1: // the writer gives up
		ctx, cancel := context.WithCancel(context.Background())
		wrote := inBackground(func() error { return client.Write(ctx, frame.Binary, p) })
		cancel()
		wrote()
	default: // the transport goes away under the writer
		wrote := inBackground(func() error { return client.Write(context.Background(), frame.Binary, p) })
		transport.Close()
		wrote()
	}
}

package server_test

import (
	"context"
	"encoding/binary"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// Each connection's messages are handled one at a time and in order, on up to Workers goroutines in all.
func TestWorkers_order(t *testing.T) {
	needsLoops(t)
	const clients, messages, limit = 16, 500, 3
	var running, most atomic.Int32
	var next, busy sync.Map // by connection: the number of the next message; whether a handler runs
	_, addr := start(t, &server.Server{Loops: 2, Workers: limit, Events: &conn.Events{
		OnOpen: func(c *conn.Conn) {
			next.Store(c, new(uint32))
			busy.Store(c, new(atomic.Bool))
		},
		OnMessage: func(c *conn.Conn, m conn.Message) {
			b, _ := busy.Load(c)
			if b.(*atomic.Bool).Swap(true) {
				t.Error("two handlers of a connection run at once")
			}
			defer b.(*atomic.Bool).Store(false)
			n := running.Add(1)
			defer running.Add(-1)
			for have := most.Load(); n > have && !most.CompareAndSwap(have, n); have = most.Load() {
			}
			want, _ := next.Load(c)
			if got := binary.BigEndian.Uint32(m.Data); got != *want.(*uint32) {
				t.Errorf("got message %d; want %d", got, *want.(*uint32))
			}
			*want.(*uint32)++
			if n := binary.BigEndian.Uint32(m.Data); n%7 == 0 {
				runtime.Gosched()
			}
			c.Write(context.Background(), m.Op, m.Data)
		},
	}})
	var all sync.WaitGroup
	for range clients {
		p := open(t, addr)
		all.Go(func() {
			for i := range messages {
				p.send(masked(0x82, string(binary.BigEndian.AppendUint32(nil, uint32(i)))))
			}
		})
		all.Go(func() {
			for i := range messages {
				_, b, err := p.next()
				if err != nil || binary.BigEndian.Uint32(b) != uint32(i) {
					t.Errorf("got %x, %v; want %d", b, err, i)
					return
				}
			}
		})
	}
	all.Wait()
	if n := most.Load(); n > limit {
		t.Errorf("%d handlers ran at once; want at most %d", n, limit)
	}
}

// Handlers that wait keep no other connection waiting, as long as there are workers left, nor the loop: connections are still accepted.
func TestWorkers_slowHandler(t *testing.T) {
	const limit = 3
	release := make(chan struct{})
	waiting := make(chan struct{}, limit)
	_, addr := start(t, &server.Server{Loops: 1, Workers: limit, Events: &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
		if string(m.Data) == "wait" {
			waiting <- struct{}{}
			<-release
		}
		c.Write(context.Background(), m.Op, m.Data)
	}}})
	var slow []*peer
	for range limit - 1 {
		p := open(t, addr)
		p.send(masked(0x81, "wait") + masked(0x81, "behind"))
		<-waiting
		slow = append(slow, p)
	}
	for range 20 {
		p := open(t, addr)
		p.send(masked(0x81, "hi"))
		p.wants(t, "\x81\x02hi")
	}
	p := open(t, addr)
	p.send(masked(0x81, "wait"))
	<-waiting // now all workers wait
	late := open(t, addr)
	late.send(masked(0x81, "hi"))
	close(release)
	for _, p := range slow {
		p.wants(t, "\x81\x04wait\x81\x06behind")
	}
	p.wants(t, "\x81\x04wait")
	late.wants(t, "\x81\x02hi")
}

// The workers end when there is nothing to do.
func TestWorkers_end(t *testing.T) {
	needsLoops(t)
	_, addr := start(t, &server.Server{Loops: 1, Workers: 50, Events: echoEvents})
	var peers []*peer
	for range 50 {
		peers = append(peers, open(t, addr))
	}
	before := runtime.NumGoroutine()
	for range 20 {
		for _, p := range peers {
			p.send(masked(0x81, "hi"))
		}
		for _, p := range peers {
			p.wants(t, "\x81\x02hi")
		}
	}
	eventually(t, func() bool { return runtime.NumGoroutine() <= before })
}

// A message is sent from elsewhere, to a connection whose handler runs.
func TestWorkers_writeFromElsewhere(t *testing.T) {
	conns := make(chan *conn.Conn, 1)
	inHandler, release := make(chan struct{}), make(chan struct{})
	_, addr := start(t, &server.Server{Loops: 1, Workers: 1, Events: &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
		conns <- c
		close(inHandler)
		<-release
	}}})
	p := open(t, addr)
	p.send(masked(0x81, "hi"))
	<-inHandler
	if err := (<-conns).Write(t.Context(), frame.Text, []byte("news")); err != nil {
		t.Error(err)
	}
	p.wants(t, "\x81\x04news")
	close(release)
}

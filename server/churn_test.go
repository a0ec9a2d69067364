package server_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// Connections that come and go all the time, many cut in mid-frame, are written to from elsewhere for longer than they live. Their descriptors and slots
// are used again at once. No byte may reach another connection than the one it was written to.
func TestLoops_descriptorReuse(t *testing.T) {
	forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
		var writers sync.WaitGroup
		var written atomic.Int64
		addr := serve(m.serve(&server.Server{Events: &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
			canary := m.Clone() // the client's name
			for range 2 {
				writers.Go(func() {
					for {
						err := c.Write(context.Background(), frame.Binary, canary)
						if err != nil {
							if !errors.Is(err, net.ErrClosed) {
								t.Errorf("a write returned %v", err)
							}
							return
						}
						written.Add(1)
						time.Sleep(20 * time.Microsecond) // or there would be time for nothing else
						if c.NetConn().RemoteAddr() == nil {
							t.Error("no address")
						}
						if binary.BigEndian.Uint64(canary)%16 == 0 && rand.IntN(20) == 0 {
							c.Close()
						}
					}
				})
			}
		}}}))
		var names atomic.Uint64
		var clients sync.WaitGroup
		var read atomic.Int64
		begin := time.Now()
		goOn := func() bool { // for a second, and until there were enough to mean something
			took := time.Since(begin)
			return took < time.Second || took < 15*time.Second && (names.Load() < 100 || read.Load() < 1000)
		}
		for range 16 {
			clients.Go(func() {
				for goOn() {
					read.Add(int64(churn(t, addr, names.Add(1))))
				}
			})
		}
		clients.Wait()
		writers.Wait()
		t.Logf("%d connections, %d messages written, %d read", names.Load(), written.Load(), read.Load())
	})
}

// churn is the life of one client, which ends it in one of several ways. It returns how many messages came.
func churn(t *testing.T, addr string, name uint64) (n int) {
	p := connect(t, addr)
	defer p.Close()
	if name%8 == 0 {
		p.send(request("")[:40]) // it dies in its handshake
		return 0
	}
	canary := binary.BigEndian.AppendUint64(nil, name)
	p.send(request("") + masked(0x82, string(canary)))
	p.upgraded(t)
	for range rand.IntN(60) {
		h, b, err := p.next()
		if err != nil {
			return n
		}
		if h.Opcode != frame.Binary || string(b) != string(canary) {
			t.Errorf("client %x got %v %x", name, h.Opcode, b)
			return n
		}
		n++
	}
	switch name % 3 {
	case 0:
		p.send("\x82\xfe\xff") // in mid-header
	case 1:
		if tc, ok := p.Conn.(*net.TCPConn); ok {
			tc.SetLinger(0) // a reset
		}
	}
	return n
}

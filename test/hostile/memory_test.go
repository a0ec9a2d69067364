package hostile_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// live returns the bytes on the heap that are in use. Free pooled buffers are not: the second collection drops them.
func live() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// held returns how much more than before is in use: the least of a few readings, since what the victim drops during one is in it.
func held(before, most int64) int64 {
	least := live() - before
	for i := 0; i < 10 && least > most; i++ {
		least = min(least, live()-before)
	}
	return least
}

// settle waits until the victim has taken all that was sent: a ping behind it is answered.
func (p *attacker) settle(t testing.TB) {
	t.Helper()
	p.send(p.wire.frame(0x89, "settled?"))
	p.wants(t, frame.Pong, "settled?")
}

// A length that is declared costs nothing until its bytes arrive (CVE-2020-27813, CVE-2026-0716, CVE-2026-1528): at most 8 KiB per
// connection, also without a limit; and what arrives costs a small multiple of itself.
func TestMemory_declaredLength(t *testing.T) {
	const conns = 100
	forVictims(t, conn.Options{MaxMessage: -1}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		var all []*attacker
		for range conns {
			p := open(t)
			p.settle(t)
			all = append(all, p)
		}
		gibibyte := v.wire.head(0x82, 127, length64(1<<30))
		for _, tt := range []struct {
			name string
			send string // behind a ping, in one segment
			most int64
		}{
			{"nothing of it", gibibyte, 8 << 10},
			{"3,000 bytes of it", strings.Repeat("x", 3000), 8<<10 + 2*3000},
			{"4,096 bytes of it", strings.Repeat("x", 1096), 8 << 10}, // a full buffer waits for more; on top of what 3,000 hold
		} {
			before := live()
			for _, p := range all {
				if tt.send == gibibyte {
					p.send(v.wire.frame(0x89, "behind") + tt.send)
					p.wants(t, frame.Pong, "behind")
				} else {
					p.send(tt.send)
				}
			}
			if each := held(before, tt.most*conns) / conns; each > tt.most {
				t.Errorf("%s holds %d bytes per connection; want at most %d", tt.name, each, tt.most)
			} else {
				t.Logf("%s holds %d bytes per connection", tt.name, each)
			}
		}
		for _, p := range all {
			p.Close()
			<-p.seen
		}
	})
}

// A message of 131,000 one-byte fragments, which is legal where the limit allows for it, holds one buffer (CVE-2026-48779: an object per
// fragment): at most 512 KiB.
func TestMemory_fragments(t *testing.T) {
	const n = 131_000
	forVictims(t, conn.Options{MaxMessage: 64 * (n + 1)}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		p := open(t)
		p.settle(t)
		input := v.wire.fragments(n, "x", false)
		before := live()
		p.send(input)
		p.settle(t)
		if held := held(before, 512<<10); held > 512<<10 {
			t.Errorf("%d bytes are held; want at most 512 KiB", held)
		} else {
			t.Logf("%d bytes are held", held)
		}
		p.send(v.wire.frame(0x80, "."))
		p.wants(t, frame.Text, strings.Repeat("x", n)+".")
		p.Close()
		<-p.seen
		runtime.KeepAlive(input)
	})
}

// Of 300,000 pings whose pongs nobody reads, one pong is owed at a time (RFC 6455 section 5.5.3), the latest one's in the end: memory does
// not grow, and all pings are taken.
func TestMemory_pings(t *testing.T) {
	n := 300_000
	if race {
		n = 60_000 // five times slower, and still more than the sockets take
	}
	forVictims(t, conn.Options{}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		p := open(t)
		p.settle(t)
		part := strings.Repeat(v.wire.frame(0x89, strings.Repeat("x", 100)), 1000)
		before := live()
		for range n / 1000 {
			p.send(part)
		}
		p.send(v.wire.frame(0x89, "the last"))
		if held := held(before, 512<<10); held > 512<<10 {
			t.Errorf("%d bytes are held", held)
		} else {
			t.Logf("%d bytes are held", held)
		}
		pongs := 0
		for {
			h, got, err := p.next()
			if err != nil || h.Opcode != frame.Pong {
				t.Fatalf("after %d pongs: got %v, %v", pongs, h.Opcode, err)
			}
			if pongs++; got == "the last" {
				break
			}
		}
		t.Logf("%d pongs", pongs)
		p.Close()
		<-p.seen
	})
}

// An echo whose peer does not read stops reading itself, and holds a bounded amount; when the peer reads, everything is there.
func TestMemory_echoNotRead(t *testing.T) {
	forVictims(t, conn.Options{}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		p := open(t)
		p.settle(t)
		message := v.wire.frame(0x82, strings.Repeat("x", 64<<10))
		before := live()
		sent, rest := 0, ""
		for rest == "" {
			p.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
			n, err := p.Write([]byte(message))
			if err != nil {
				rest = message[n:] // nobody reads any more
			} else if sent++; sent > 1000 {
				t.Fatalf("%d messages were taken and no echo read", sent)
			}
		}
		if held := held(before, 1<<20); held > 1<<20 {
			t.Errorf("%d bytes are held", held)
		} else {
			t.Logf("%d bytes are held, %d messages taken", held, sent)
		}
		p.SetWriteDeadline(time.Time{})
		go p.send(rest)
		for range sent + 1 {
			if h, got, err := p.next(); err != nil || h.Opcode != frame.Binary || len(got) != 64<<10 {
				t.Fatalf("got %v of %d bytes, %v", h.Opcode, len(got), err)
			}
		}
		p.Close()
		<-p.seen
	})
}

// Many peers that break the protocol leave nothing behind.
func TestMemory_afterViolations(t *testing.T) {
	forVictims(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		round := func() {
			for _, tt := range violations {
				p := open(t)
				p.send(tt.input(v.wire))
				p.wantsClose(t, tt.code)
				p.Close()
				<-p.seen
			}
		}
		round()
		before := live()
		for range 3 {
			round()
		}
		// The outcomes that the test itself remembers are in it.
		if grown := held(before, 512<<10); grown > 512<<10 {
			t.Errorf("%d connections left %d bytes", 3*len(violations), grown)
		} else {
			t.Logf("%d connections left %d bytes", 3*len(violations), grown)
		}
	})
}

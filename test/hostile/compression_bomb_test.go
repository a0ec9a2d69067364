package hostile_test

import (
	"context"
	"io"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

const (
	bombLimit   = 1 << 20
	bombContent = 64 << 20
)

// bombs are payloads of a few KiB with a content of 64 MiB.
var bombs = sync.OnceValue(func() (all struct{ flat, flushed string }) {
	all.flat = bomb(bombContent)
	part := deflated(strings.Repeat("\x00", 1<<16)) + tail + "\x00" + tail // a flush, and a flush behind it
	all.flushed = strings.Repeat(part, bombContent>>16) + "\x00"
	return all
})

// watchHeap returns a function that returns the most bytes of the heap that were in use at a time since then, garbage not yet collected included.
func watchHeap() (most func() int64) {
	var peak atomic.Int64
	stop := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			peak.Store(max(peak.Load(), int64(sample[0].Value.Uint64())))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() int64 {
		close(stop)
		done.Wait()
		return peak.Load()
	}
}

// Bombs (CVE-2018-1000518, CVE-2026-1526, CVE-2026-39804, tornado#2391: content without a limit): 50 connections at once send a content of 64 MiB each where 1 MiB is allowed.
// Each gets a 1009, each has cost about the limit while it was inflated, and the others are served meanwhile.
func TestCompression_bombs(t *testing.T) {
	conns := 50
	if race {
		conns = 10 // twenty times slower, and no other memory
	}
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	forCompressed(t, conn.Options{MaxMessage: bombLimit}, func(t *testing.T, v victim, z agreement, open func(testing.TB) *attacker) {
		if z.keeps != (v.name == "server/stream" || v.name == "client/read") {
			return // there are combinations enough without, and each takes its time
		}
		w := v.wire
		for _, tt := range []struct{ name, input string }{
			{"one frame", w.frame(0xc2, bombs().flat)},
			{"flushes", w.frame(0xc2, bombs().flushed)},
			{"fragments", w.cut(0x42, bombs().flat, 20)},
			{"one-byte fragments", w.cut(0x42, bombs().flat, len(bombs().flat))},
			{"no end", w.frame(0x42, bombs().flat) + w.frame(0x00, "") + w.frame(0x80, "")},
		} {
			honest := open(t)
			var all []*attacker
			for range conns {
				all = append(all, open(t))
			}
			before := live()
			most := watchHeap()
			var attack sync.WaitGroup
			for _, p := range all {
				attack.Go(func() {
					go p.send(tt.input)
					p.wantsClose(t, 1009)
				})
			}
			over := make(chan struct{})
			go func() {
				attack.Wait()
				close(over)
			}()
			echoes := 0
			for attacked := true; attacked || echoes < 5; echoes++ {
				honest.send(w.frame(0xc1, hello) + w.frame(0x81, "world"))
				honest.wants(t, frame.Text, "Hello")
				honest.wants(t, frame.Text, "world")
				select {
				case <-over:
					attacked = false
				case <-time.After(5 * time.Millisecond):
				}
			}
			// Once what the connection holds, once what an application that copies does, and garbage.
			if held := (most() - before) / int64(conns); held > 3*bombLimit {
				t.Errorf("%s: %d bytes were in use per connection; want at most %d", tt.name, held, 3*bombLimit)
			} else {
				t.Logf("%s: %d bytes were in use per connection; %d honest echoes", tt.name, held, echoes)
			}
			for _, p := range all {
				p.Close()
				if o := <-p.seen; o.messages != 0 {
					t.Errorf("%s: the application got %d messages", tt.name, o.messages)
				}
			}
			honest.Close()
			<-honest.seen
		}
	})
}

// A bomb that does not go off costs what was received of it, not what is in it: at most twice that and 8 KiB. Where the application reads while it arrives, and has
// read a byte, it costs a read buffer and an inflater.
func TestMemory_unexploded(t *testing.T) {
	const conns = 50
	payload := bombs().flat
	var reading sync.WaitGroup
	release := make(chan struct{})
	unread := mode{name: "not read", serve: func(a *app, c *conn.Conn) {
		var o outcome
		_, r, err := c.NextReader(context.Background())
		if err == nil {
			_, err = r.Read(make([]byte, 1))
		}
		reading.Done()
		if err == nil {
			<-release
			_, err = io.Copy(io.Discard, r)
		}
		o.err = err
		ended(c, o, a.outcome(c.NetConn()))
	}}
	for _, m := range append(slices.Clip(modes), unread) {
		t.Run(m.name, func(t *testing.T) {
			open := startServer(t, m, &app{}, conn.Options{}, agreements[1])
			w := wire{masked: true}
			var all []*attacker
			for range conns {
				all = append(all, open(t))
			}
			most := int64(2*len(payload) + 8<<10)
			if m.name == unread.name {
				most = 96 << 10
			}
			input := w.frame(0x42, payload)
			if m.name == unread.name {
				reading.Add(conns)
			}
			before := live()
			for _, p := range all {
				p.send(input)
				if m.name != unread.name {
					p.settle(t)
				}
			}
			reading.Wait()
			if each := held(before, most*conns) / conns; each > most {
				t.Errorf("%d bytes are held per connection; want at most %d", each, most)
			} else {
				t.Logf("%d bytes are held per connection for %d that were sent", each, len(payload))
			}
			if m.name == unread.name {
				close(release)
			}
			for _, p := range all {
				p.Close()
				<-p.seen
			}
			runtime.KeepAlive(input)
		})
	}
}

// A compressed message of 131,000 one-byte fragments holds one buffer for its payload, or the content where that is read while it arrives: at most 512 KiB.
func TestMemory_compressedFragments(t *testing.T) {
	const n = 131_000
	content := strings.Repeat("x", n/2-5)
	payload := by(func(s *blocks) {
		s.stored(content)
		s.stored(content)
	})
	for _, v := range victims(compressedModes, agreements[1]) {
		t.Run(v.name, func(t *testing.T) {
			open := v.start(t, conn.Options{MaxMessage: 64 * (n + 1)})
			p := open(t)
			p.settle(t)
			input := strings.TrimSuffix(v.wire.cut(0x41, payload+"\x00", n+1), v.wire.frame(0x80, "\x00"))
			before := live()
			p.send(input)
			p.settle(t)
			if held := held(before, 512<<10); held > 512<<10 {
				t.Errorf("%d bytes are held; want at most 512 KiB", held)
			} else {
				t.Logf("%d bytes are held", held)
			}
			p.send(v.wire.frame(0x80, "\x00"))
			p.wantsMessage(t, frame.Text, content+content)
			p.Close()
			<-p.seen
			runtime.KeepAlive(input)
		})
	}
}

// Between messages a connection holds its windows where the context is taken over, at most 32 KiB for each direction, and nothing of the messages where it is not.
func TestMemory_betweenMessages(t *testing.T) {
	const conns = 50
	content := strings.Repeat("a message of many bytes ", 3000)
	payload := deflated(content)
	forCompressed(t, conn.Options{}, func(t *testing.T, v victim, z agreement, open func(testing.TB) *attacker) {
		most := int64(8 << 10)
		if z.keeps {
			most += 2 << 15
		}
		var all []*attacker
		for range conns {
			p := open(t)
			p.settle(t)
			all = append(all, p)
		}
		before := live()
		for _, p := range all {
			p.send(v.wire.frame(0xc1, payload))
			p.wantsMessage(t, frame.Text, content)
			p.settle(t)
		}
		if each := held(before, most*conns) / conns; each > most {
			t.Errorf("%d bytes are held per connection; want at most %d", each, most)
		} else {
			t.Logf("%d bytes are held per connection", each)
		}
		for _, p := range all {
			p.Close()
			<-p.seen
		}
	})
}

// Many peers that break permessage-deflate leave nothing behind, in the pools or elsewhere.
func TestMemory_afterCompressionViolations(t *testing.T) {
	all := compressionViolations()
	for _, v := range victims(compressedModes, agreements[1]) {
		t.Run(v.name, func(t *testing.T) {
			open := v.start(t, conn.Options{MaxMessage: limit})
			round := func() {
				for _, tt := range all {
					p := open(t)
					p.send(tt.input(v.wire))
					p.wantsClose(t, tt.code)
					p.Close()
					<-p.seen
				}
			}
			round()
			before := live()
			round()
			round()
			// The outcomes that the test itself remembers are in it.
			if grown := held(before, 512<<10); grown > 512<<10 {
				t.Errorf("%d connections left %d bytes", 2*len(all), grown)
			} else {
				t.Logf("%d connections left %d bytes", 2*len(all), grown)
			}
		})
	}
}

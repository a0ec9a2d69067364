//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"math"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/internal/leaktest"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// TestPoller_Add_edges follows a socket: each thing is said once, and said again only when something is new.
func TestPoller_Add_edges(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			p := newPoller(t)
			x, y := kind.pair(t)
			const id = 0x8000_0001_9000_0002 // all of the 64 bits come back
			must(t, p.Add(y, id))
			if ev := until(t, p, id, "writable", isWritable); ev.Readable || ev.Hangup {
				t.Fatalf("a new socket: %+v; want writable and nothing else", ev)
			}
			quiet(t, p, id)
			for range 3 {
				_, err := poll.Write(x, []byte("news"))
				must(t, err)
				if ev := until(t, p, id, "readable", isReadable); ev.Hangup {
					t.Fatalf("after bytes: %+v; want no hang-up", ev)
				}
				quiet(t, p, id) // though nobody has read them
			}
			drain(t, y, 12)
			quiet(t, p, id)
		})
	}
}

// TestPoller_Add_withBytes registers a socket that has something to read already.
func TestPoller_Add_withBytes(t *testing.T) {
	p := newPoller(t)
	x, y := pair(t)
	_, err := poll.Write(x, []byte("early"))
	must(t, err)
	must(t, p.Add(y, 7))
	until(t, p, 7, "readable", isReadable)
}

// TestPoller_Add_writable fills a socket and empties it from the other end.
func TestPoller_Add_writable(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			p := newPoller(t)
			x, y := kind.pair(t)
			must(t, p.Add(y, 1))
			for range 3 {
				n := fill(t, y)
				for wait(t, p, 1, 0).Writable { // from before it was full, and, of TCP, while it still flowed
					n += fill(t, y)
				}
				drain(t, x, n)
				until(t, p, 1, "writable", isWritable)
			}
		})
	}
}

// TestPoller_hangup ends a connection in each way there is.
func TestPoller_hangup(t *testing.T) {
	for _, tt := range []struct {
		name  string
		end   func(t *testing.T, x, y int) // y is registered
		bytes int                          // to be read in front of the end
	}{
		{"half-close", func(t *testing.T, x, y int) { must(t, poll.CloseWrite(x)) }, 0},
		{"half-close behind bytes", func(t *testing.T, x, y int) {
			_, err := poll.Write(x, []byte("last words"))
			must(t, err)
			must(t, poll.CloseWrite(x))
		}, 10},
		{"shutdown by the peer", func(t *testing.T, x, y int) { must(t, poll.Shutdown(x)) }, 0},
		{"shutdown", func(t *testing.T, x, y int) { must(t, poll.Shutdown(y)) }, 0},
	} {
		for _, kind := range kinds {
			t.Run(tt.name+"/"+kind.name, func(t *testing.T) {
				p := newPoller(t)
				x, y := kind.pair(t)
				must(t, p.Add(y, 1))
				until(t, p, 1, "writable", isWritable)
				tt.end(t, x, y)
				if ev := until(t, p, 1, "hang-up", isHangup); !ev.Readable {
					t.Fatalf("%+v; want it readable too", ev)
				}
				drain(t, y, tt.bytes)
				checkRead(t, y, "EOF")
			})
		}
	}
}

// TestPoller_hangup_closeWrite ends our own side: that is no hang-up.
func TestPoller_hangup_closeWrite(t *testing.T) {
	p := newPoller(t)
	x, y := tcpPair(t)
	must(t, p.Add(y, 1))
	until(t, p, 1, "writable", isWritable)
	must(t, poll.CloseWrite(y))
	if ev := wait(t, p, 1, 10*time.Millisecond); ev.Hangup {
		t.Fatalf("%+v; want no hang-up, the peer still writes", ev)
	}
	_, err := poll.Write(x, []byte("still here"))
	must(t, err)
	if ev := until(t, p, 1, "readable", isReadable); ev.Hangup {
		t.Fatalf("%+v; want no hang-up", ev)
	}
}

// TestPoller_shutdown_waiting shuts a connection down on which another goroutine waits.
func TestPoller_shutdown_waiting(t *testing.T) {
	p := newPoller(t)
	_, y := pair(t)
	must(t, p.Add(y, 1))
	until(t, p, 1, "writable", isWritable)
	var done sync.WaitGroup
	done.Go(func() {
		time.Sleep(5 * time.Millisecond)
		if err := poll.Shutdown(y); err != nil {
			t.Error(err)
		}
	})
	until(t, p, 1, "hang-up", isHangup)
	done.Wait()
}

func TestPoller_AddListener(t *testing.T) {
	p := newPoller(t)
	l, addr := listener(t)
	must(t, p.AddListener(l, 9))
	quiet(t, p, 9)
	connect(t, addr)
	connect(t, addr)
	for _, waiting := range []int{2, 1} {
		for range 3 { // for as long as one waits
			if ev := until(t, p, 9, "readable", isReadable); ev.Writable || ev.Hangup {
				t.Fatalf("with %d waiting: %+v; want readable and nothing else", waiting, ev)
			}
		}
		fd, _, err := poll.Accept(l)
		must(t, err)
		must(t, poll.Close(fd))
	}
	quiet(t, p, 9)
	must(t, p.Remove(l))
	connect(t, addr)
	quiet(t, p, 9)
}

// TestPoller_Remove_reuse gives a descriptor's number to the next socket while events of the first are due.
func TestPoller_Remove_reuse(t *testing.T) {
	p := newPoller(t)
	reused := 0
	for i := range uint64(200) {
		x, y := pair(t)
		must(t, p.Add(y, i))
		_, err := poll.Write(x, []byte("to the old one"))
		must(t, err)
		if i%2 == 0 {
			until(t, p, i, "readable", isReadable)
		}
		_, err = poll.Write(x, []byte("and again"))
		must(t, err)
		must(t, p.Remove(y))
		closeNow(t, y)
		z, err := poll.Dup(x)
		must(t, err)
		closeLater(t, z)
		if z == y {
			reused++
		}
		must(t, p.Add(z, i+1000))
		until(t, p, i+1000, "hang-up", isHangup) // which fails at any other ID
		must(t, p.Remove(z))
		closeNow(t, z)
		closeNow(t, x)
		quiet(t, p, i)
	}
	if reused < 100 {
		t.Errorf("a number came back %d times of 200: this tests nothing", reused)
	}
}

// TestPoller_Remove_duplicate removes one of two descriptors of a socket, which closing alone would not do.
func TestPoller_Remove_duplicate(t *testing.T) {
	p := newPoller(t)
	x, y := pair(t)
	z, err := poll.Dup(y)
	must(t, err)
	defer poll.Close(z)
	must(t, p.Add(y, 1))
	must(t, p.Remove(y))
	if err := p.Remove(y); err != syscall.ENOENT {
		t.Errorf("the second Remove: %v; want ENOENT", err)
	}
	closeNow(t, y)
	_, err = poll.Write(x, []byte("for z"))
	must(t, err)
	quiet(t, p, 1)
}

// TestPoller_Wait_few returns what is ready in portions.
func TestPoller_Wait_few(t *testing.T) {
	p := newPoller(t)
	const n = 20
	for i := range uint64(n) {
		_, y := pair(t)
		must(t, p.Add(y, i))
	}
	seen := make(map[uint64]bool)
	for _, room := range []int{1, 3, 2, 7, 100} {
		events := make([]poll.Event, room)
		got, err := p.Wait(events, 0)
		must(t, err)
		for _, ev := range events[:got] {
			if seen[ev.ID] {
				t.Errorf("descriptor %d was reported twice", ev.ID)
			}
			seen[ev.ID] = true
		}
	}
	if len(seen) != n {
		t.Errorf("%d descriptors were reported; want %d", len(seen), n)
	}
}

func TestPoller_Wait_timeout(t *testing.T) {
	p := newPoller(t)
	var events [4]poll.Event
	for _, d := range []time.Duration{0, 1, 100 * time.Microsecond, 1500 * time.Microsecond, 20 * time.Millisecond} {
		start := time.Now()
		n, err := p.Wait(events[:], d)
		took := time.Since(start)
		if n != 0 || err != nil {
			t.Errorf("Wait(%v): %d, %v; want 0, nil", d, n, err)
		}
		if took < d {
			t.Errorf("Wait(%v) returned after %v", d, took)
		}
	}
	// One that was given up long ago does not end the next.
	time.AfterFunc(20*time.Millisecond, func() { p.Wake() })
	start := time.Now()
	if _, err := p.Wait(events[:], -1); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 20*time.Millisecond {
		t.Errorf("Wait for ever, woken after 20 ms, returned after %v", took)
	}
	time.AfterFunc(5*time.Millisecond, func() { p.Wake() })
	if _, err := p.Wait(events[:], math.MaxInt64); err != nil {
		t.Fatal(err)
	}
}

func TestPoller_misuse(t *testing.T) {
	p := newPoller(t)
	_, y := pair(t)
	if err := p.Add(y, math.MaxUint64); err != syscall.EINVAL {
		t.Errorf("Add with the reserved ID: %v; want EINVAL", err)
	}
	if _, err := p.Wait(nil, 0); err != syscall.EINVAL {
		t.Errorf("Wait without room: %v; want EINVAL", err)
	}
	if err := p.Add(1<<20, 1); err != syscall.EBADF {
		t.Errorf("Add of no descriptor: %v; want EBADF", err)
	}
	if err := p.Remove(y); err != syscall.ENOENT {
		t.Errorf("Remove of one that was never added: %v; want ENOENT", err)
	}
}

// TestPoller_descriptors opens and closes more pollers than there may be descriptors.
func TestPoller_descriptors(t *testing.T) {
	before, err := poll.Dup(0)
	must(t, err)
	must(t, poll.Close(before))
	for range 2000 {
		p, err := poll.New()
		must(t, err)
		must(t, p.Close())
	}
	after, err := poll.Dup(0)
	must(t, err)
	must(t, poll.Close(after))
	if before != after {
		t.Errorf("the first free descriptor was %d and is %d", before, after)
	}
}

func TestPoller_Wait_allocations(t *testing.T) {
	p := newPoller(t)
	x, y := pair(t)
	must(t, p.Add(y, 1))
	events := make([]poll.Event, 16)
	buf := make([]byte, 16)
	p.Wait(events, 0)
	got := testing.AllocsPerRun(200, func() {
		poll.Write(x, buf)
		p.Wait(events, -1)
		poll.Read(y, buf)
		p.Wake()
		p.Wait(events, time.Second)
		p.Wait(events, 0)
		p.Wait(events, time.Microsecond)
	})
	if got != 0 {
		t.Errorf("%v allocations in a round; want 0", got)
	}
}

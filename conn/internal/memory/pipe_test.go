package memory_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/laminar-ws/laminar/conn/internal/memory"
)

const capacity = 64 << 10 // bytes that a direction holds

var _ net.Conn = (*memory.End)(nil)

// pattern returns n bytes of which no short run repeats soon.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 ^ i>>8)
	}
	return b
}

func TestPipe(t *testing.T) {
	a, b := memory.Pipe()
	for _, way := range []struct{ from, to *memory.End }{{a, b}, {b, a}} {
		if n, err := way.from.Write([]byte("hello")); n != 5 || err != nil {
			t.Fatalf("Write = %d, %v; want 5, nil", n, err)
		}
		p := make([]byte, 3)
		for _, want := range []string{"hel", "lo"} {
			if n, err := way.to.Read(p); string(p[:n]) != want || err != nil {
				t.Errorf("Read = %q, %v; want %q, nil", p[:n], err, want)
			}
		}
	}
}

// TestPipe_copies: what was written may be changed afterwards.
func TestPipe_copies(t *testing.T) {
	a, b := memory.Pipe()
	p := []byte("hello")
	a.Write(p)
	clear(p)
	if n, _ := b.Read(p); string(p[:n]) != "hello" {
		t.Errorf("Read has %q; want what was written", p[:n])
	}
}

// TestPipe_ring writes and reads pieces of all sizes, so that every position of the ring is an edge once.
func TestPipe_ring(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(1, seed))
		a, b := memory.Pipe()
		sent := pattern(1 << 20)
		var wg sync.WaitGroup
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(2, seed))
			for rest := sent; len(rest) > 0; {
				n := 1 + rnd.IntN(min(len(rest), 1<<(seed%18)+5000))
				if m, err := a.Write(rest[:n]); m != n || err != nil {
					t.Errorf("Write = %d, %v; want %d, nil", m, err, n)
					break
				}
				rest = rest[n:]
			}
			a.CloseWrite()
		})
		var got []byte
		for {
			p := make([]byte, 1+rnd.IntN(100000))
			n, err := b.Read(p)
			got = append(got, p[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil || n == 0 {
				t.Fatalf("Read = %d, %v", n, err)
			}
		}
		wg.Wait()
		if !bytes.Equal(got, sent) {
			t.Fatalf("seed %d: %d bytes came, different from the %d sent", seed, len(got), len(sent))
		}
	}
}

// TestPipe_capacity: 64 KiB find room without a reader, at both ends at once; one byte more waits for it.
func TestPipe_capacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		full := pattern(capacity)
		for _, end := range []*memory.End{a, b} {
			if n, err := end.Write(full); n != capacity || err != nil {
				t.Fatalf("Write = %d, %v; want %d, nil", n, err, capacity)
			}
		}
		done := false
		var wg sync.WaitGroup
		wg.Go(func() {
			if n, err := a.Write([]byte("x")); n != 1 || err != nil {
				t.Errorf("Write = %d, %v; want 1, nil", n, err)
			}
			done = true
		})
		synctest.Wait()
		if done {
			t.Error("a full direction takes another byte")
		}
		one := make([]byte, 1)
		b.Read(one)
		wg.Wait()
		rest := make([]byte, capacity)
		if _, err := io.ReadFull(b, rest); err != nil || !bytes.Equal(append(one, rest...), append(full, 'x')) {
			t.Errorf("what was read differs from what was written (%v)", err)
		}
	})
}

func TestPipe_readWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		var got string
		go func() {
			p := make([]byte, 10)
			n, _ := b.Read(p)
			got = string(p[:n])
		}()
		synctest.Wait()
		if got != "" {
			t.Fatalf("Read has %q before anything was written", got)
		}
		a.Write([]byte("late"))
		synctest.Wait()
		if got != "late" {
			t.Errorf("Read has %q; want %q", got, "late")
		}
	})
}

func TestPipe_noBytes(t *testing.T) {
	a, b := memory.Pipe()
	for _, end := range []*memory.End{a, b} {
		if n, err := end.Write(nil); n != 0 || err != nil {
			t.Errorf("Write of nothing = %d, %v; want 0, nil", n, err)
		}
		if n, err := end.Read(nil); n != 0 || err != nil {
			t.Errorf("Read of nothing = %d, %v; want 0, nil", n, err)
		}
	}
}

func TestPipe_addresses(t *testing.T) {
	a, b := memory.Pipe()
	for _, addr := range []net.Addr{a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr()} {
		if addr.Network() != "pipe" || addr.String() != "pipe" {
			t.Errorf("address %v of network %v; want placeholders", addr, addr.Network())
		}
	}
}

// wantEnd checks n and err of a call that cannot go on.
func wantEnd(t *testing.T, what string, n int, err, want error) {
	t.Helper()
	if n != 0 || !errors.Is(err, want) {
		t.Errorf("%s = %d, %v; want 0, %v", what, n, err, want)
	}
}

func TestEnd_CloseWrite(t *testing.T) {
	a, b := memory.Pipe()
	a.Write([]byte("last"))
	for range 2 {
		if err := a.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	n, err := a.Write([]byte("x"))
	wantEnd(t, "Write after CloseWrite", n, err, net.ErrClosed)
	if got, err := io.ReadAll(b); string(got) != "last" || err != nil {
		t.Errorf("the other end reads %q, %v; want all that was written, then io.EOF", got, err)
	}
	b.Write([]byte("answer"))
	p := make([]byte, 10)
	if n, err := a.Read(p); string(p[:n]) != "answer" || err != nil {
		t.Errorf("Read = %q, %v; want the other direction to go on", p[:n], err)
	}
}

func TestEnd_Close(t *testing.T) {
	a, b := memory.Pipe()
	a.Write([]byte("last"))
	b.Write([]byte("never read"))
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p := make([]byte, 10)
	n, err := a.Write([]byte("x"))
	wantEnd(t, "own Write", n, err, net.ErrClosed)
	n, err = a.Read(p)
	wantEnd(t, "own Read", n, err, net.ErrClosed)
	n, err = b.Write([]byte("x"))
	wantEnd(t, "the other's Write", n, err, io.ErrClosedPipe)
	if got, err := io.ReadAll(b); string(got) != "last" || err != nil {
		t.Errorf("the other end reads %q, %v; want what was written before, then io.EOF", got, err)
	}
}

// TestEnd_Close_waiting: Close ends the calls that wait, at both ends.
func TestEnd_Close_waiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		a.Write(make([]byte, capacity))
		b.Write(make([]byte, capacity-1))
		b.Read(make([]byte, capacity))
		var wg sync.WaitGroup
		wg.Go(func() {
			n, err := b.Write([]byte("xyz"))
			if n != 1 || !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("the other's Write = %d, %v; want 1, %v", n, err, io.ErrClosedPipe)
			}
		})
		wg.Go(func() {
			n, err := b.Read(make([]byte, 1))
			wantEnd(t, "the other's Read", n, err, io.EOF)
		})
		synctest.Wait()
		a.Close()
		wg.Wait()

		a, b = memory.Pipe()
		a.Write(make([]byte, capacity))
		wg.Go(func() {
			n, err := a.Write([]byte("x"))
			wantEnd(t, "own Write", n, err, net.ErrClosed)
		})
		wg.Go(func() {
			n, err := a.Read(make([]byte, 1))
			wantEnd(t, "own Read", n, err, net.ErrClosed)
		})
		synctest.Wait()
		a.Close()
		wg.Wait()
		b.Close()
	})
}

//go:build !race

package bufpool_test

import (
	"testing"
	"unsafe"

	"github.com/laminar-ws/laminar/bufpool"
)

func TestPoison_nothingWithoutRace(t *testing.T) {
	p := []byte("kept")
	bufpool.Poison(p)
	if string(p) != "kept" {
		t.Errorf("Poison changed the bytes to %q; want none of it outside of race builds", p)
	}
}

// TestBuffer_Release_twiceInPool: a buffer released twice while it lies in the pool is lent to one owner only.
func TestBuffer_Release_twiceInPool(t *testing.T) {
	for range 100 {
		b := bufpool.Get(256)
		b.Release()
		b.Release()
		x, y := bufpool.Get(256), bufpool.Get(256)
		if unsafe.SliceData(x.B) == unsafe.SliceData(y.B) {
			t.Fatal("one array lent to two owners")
		}
		x.Release()
		y.Release()
	}
}

// TestGet_allocates holds the budget: no allocation for Get, Grow and Release once the pools are warm.
func TestGet_allocates(t *testing.T) {
	for _, n := range []int{0, 64, 1000, 64 << 10, 1 << 20} {
		if got := testing.AllocsPerRun(1000, func() {
			b := bufpool.Get(n)
			b.B = append(b.B, 'x')
			b.Release()
		}); got != 0 {
			t.Errorf("Get(%d) and Release allocate %v times; want 0", n, got)
		}
	}
	if got := testing.AllocsPerRun(1000, func() {
		b := bufpool.Get(64)
		for b.Grow(64); len(b.B) < 8192; b.Grow(64) {
			b.B = b.B[:cap(b.B)]
		}
		b.Release()
	}); got != 0 {
		t.Errorf("Get, Grow to 8 KiB and Release allocate %v times; want 0", got)
	}
}

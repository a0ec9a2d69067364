//go:build race

package bufpool_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
)

func isPoison(p []byte) bool { return bytes.Count(p, []byte{0xDB}) == len(p) }

func TestPoison(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, 70_000} {
		p := make([]byte, n+2)
		bufpool.Poison(p[1 : n+1])
		if !isPoison(p[1:n+1]) || p[0] != 0 || p[n+1] != 0 {
			t.Errorf("Poison of %d bytes overwrote less or more", n)
		}
	}
}

func TestBuffer_Release_poisons(t *testing.T) {
	for _, n := range sizes() {
		b := bufpool.Get(n)
		whole := bufpool.Array(b)
		clear(whole)
		b.B = whole[:n/2]
		b.Release()
		if !isPoison(whole) {
			t.Errorf("Get(%d): not all of the array is 0xDB after Release", n)
		}
	}
}

func TestBuffer_Grow_poisonsTheOld(t *testing.T) {
	var zero bufpool.Buffer
	zero.Grow(64)
	for _, b := range []*bufpool.Buffer{bufpool.Get(64), bufpool.Get(2 << 20), &zero} {
		b.B = append(b.B, "kept"...)
		stale := b.B
		b.Grow(cap(b.B))
		if !isPoison(stale) {
			t.Errorf("a slice of the old array reads %q; want poison", stale)
		}
		if string(b.B) != "kept" {
			t.Errorf("the content is %q; want %q", b.B, "kept")
		}
		b.Release()
	}
}

// TestBuffer_Release_twice releases again at once, and again after the array has been lent to others.
func TestBuffer_Release_twice(t *testing.T) {
	for _, n := range []int{64, 2 << 20} {
		b := bufpool.Get(n)
		b.Release()
		mustPanic(t, "a second Release", b.Release)
		others := make([]*bufpool.Buffer, 100)
		for i := range others {
			others[i] = bufpool.Get(n)
		}
		mustPanic(t, "a second Release after the array was lent again", b.Release)
		for _, o := range others {
			o.Release()
		}
	}
}

// TestGet_writtenAfterRelease writes to arrays that lie in the pool: Get must find out. The pool of a race build drops
// some of what it is given, so it takes a few rounds.
func TestGet_writtenAfterRelease(t *testing.T) {
	for _, n := range []int{64, 4096, 1 << 20} {
		for _, at := range []int{0, n / 2, n - 1} {
			found := false
			for range 200 {
				b := bufpool.Get(n)
				stale := bufpool.Array(b)
				b.Release()
				stale[at] = 'x'
				found = getPanics(t, n)
				stale[at] = 0xDB
				if found {
					break
				}
			}
			if !found {
				t.Errorf("a write to byte %d of %d after Release went unnoticed", at, n)
			}
		}
	}
}

func getPanics(t *testing.T, n int) (panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
			if s, ok := r.(string); !ok || !strings.Contains(s, "after its Release") {
				t.Errorf("panic with %v; want one that names the cause", r)
			}
		}
	}()
	bufpool.Get(n).Release()
	return false
}

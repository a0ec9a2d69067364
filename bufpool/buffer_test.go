package bufpool_test

import (
	"bytes"
	"math"
	"testing"
	"unsafe"

	"github.com/laminar-ws/laminar/bufpool"
)

// sizes lie around the edges of every class and beyond the last.
func sizes() []int {
	s := []int{0, 1}
	for c := range bufpool.Classes {
		n := bufpool.ClassSize(c)
		s = append(s, n-1, n, n+1)
	}
	return append(s, 3<<20)
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if recover() == nil {
			t.Errorf("%s: no panic; want one", what)
		}
	}()
	f()
}

func TestGet(t *testing.T) {
	for _, n := range sizes() {
		b := bufpool.Get(n)
		if len(b.B) != 0 || cap(b.B) < n {
			t.Errorf("Get(%d): len %d, cap %d; want 0 and %d or more", n, len(b.B), cap(b.B), n)
		}
		want := max(64, 2*n) // a class holds less than twice what was asked for
		if n > bufpool.MaxSize {
			want = n + 8192
		}
		if cap(b.B) > want {
			t.Errorf("Get(%d): cap %d; want %d or less", n, cap(b.B), want)
		}
		b.Release()
	}
	mustPanic(t, "Get(-1)", func() { bufpool.Get(-1) })
}

// TestBuffer_Release_wholeArray moves B about before Release: what comes back from the pools later has its class's whole
// length, whatever B was.
func TestBuffer_Release_wholeArray(t *testing.T) {
	foreign := make([]byte, 4096)
	for _, tt := range []struct {
		name string
		move func(b *bufpool.Buffer)
	}{
		{"untouched", func(b *bufpool.Buffer) {}},
		{"cut in front", func(b *bufpool.Buffer) { b.B = b.B[:100][90:] }},
		{"cut behind", func(b *bufpool.Buffer) { b.B = b.B[:0:10] }},
		{"nil", func(b *bufpool.Buffer) { b.B = nil }},
		{"moved by append", func(b *bufpool.Buffer) { b.B = append(b.B, foreign...) }},
		{"replaced", func(b *bufpool.Buffer) { b.B = foreign }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 100 { // the pool gives some of them again
				b := bufpool.Get(128)
				if len(b.B) != 0 || cap(b.B) != 128 {
					t.Fatalf("Get(128): len %d, cap %d; want 0 and 128", len(b.B), cap(b.B))
				}
				if p := unsafe.SliceData(b.B); p == unsafe.SliceData(foreign) {
					t.Fatal("the pool lends a slice that was never its own")
				}
				tt.move(b)
				b.Release()
			}
		})
	}
	if !bytes.Equal(foreign, make([]byte, len(foreign))) {
		t.Error("Release wrote to a slice that was not lent")
	}
}

func TestBuffer_Release_takesTheSlice(t *testing.T) {
	b := bufpool.Get(64)
	b.Release()
	if b.B != nil {
		t.Error("B is not nil after Release")
	}
}

func TestBuffer_Grow(t *testing.T) {
	for _, from := range []int{0, 64, 1000, 64 << 10, 1 << 20, 1<<20 + 1} {
		for _, n := range []int{0, 1, 65, 5000, 1 << 20, 2 << 20} {
			b := bufpool.Get(from)
			want := bytes.Repeat([]byte{0xA5}, cap(b.B)-cap(b.B)/3)
			b.B = append(b.B, want...)
			before := unsafe.SliceData(b.B)
			had := cap(b.B) - len(b.B)
			b.Grow(n)
			if got := cap(b.B) - len(b.B); got < n {
				t.Errorf("Get(%d), Grow(%d): room for %d", from, n, got)
			}
			if !bytes.Equal(b.B, want) {
				t.Errorf("Get(%d), Grow(%d): the content changed", from, n)
			}
			if moved := before != unsafe.SliceData(b.B); moved != (n > had) {
				t.Errorf("Get(%d), Grow(%d) with room for %d: moved %v", from, n, had, moved)
			}
			if &b.B[0] != &bufpool.Array(b)[0] {
				t.Errorf("Get(%d), Grow(%d): B does not start its array", from, n)
			}
			b.Release()
		}
	}
}

// TestBuffer_Grow_reallocated grows a buffer whose B append had moved away from the pooled array.
func TestBuffer_Grow_reallocated(t *testing.T) {
	b := bufpool.Get(64)
	want := bytes.Repeat([]byte("0123456789"), 30)
	b.B = append(b.B, want...)
	b.Grow(1000)
	if !bytes.Equal(b.B, want) {
		t.Errorf("got %q; want %q", b.B, want)
	}
	if got := len(bufpool.Array(b)); got != 2048 {
		t.Errorf("the array has %d bytes; want 2048, the class of 1300", got)
	}
	b.Release()
}

// TestBuffer_Grow_linear fills a buffer far beyond the classes, a little at a time: the moves must stay few.
func TestBuffer_Grow_linear(t *testing.T) {
	b := bufpool.Get(64)
	defer b.Release()
	moves := 0
	for len(b.B) < 16<<20 {
		before := unsafe.SliceData(b.B)
		b.Grow(1000)
		if unsafe.SliceData(b.B) != before {
			moves++
		}
		b.B = b.B[:len(b.B)+1000]
	}
	// 64 B to 1 MiB doubles 14 times; from there to 16 MiB is 13 quarters.
	if moves > 30 {
		t.Errorf("%d moves to 16 MiB; want 30 at most", moves)
	}
}

func TestBuffer_Grow_misuse(t *testing.T) {
	b := bufpool.Get(64)
	mustPanic(t, "Grow(-1)", func() { b.Grow(-1) })
	b.B = append(b.B, 'x')
	mustPanic(t, "Grow beyond an int", func() { b.Grow(math.MaxInt) })
	b.Release()
	mustPanic(t, "Grow after Release", func() { b.Grow(1) })
}

func TestBuffer_zeroValue(t *testing.T) {
	var b bufpool.Buffer
	for _, s := range []string{"Hello", " again, and longer than the sixty-four bytes of the smallest class", ""} {
		b.Grow(len(s))
		b.B = append(b.B, s...)
	}
	if got, want := string(b.B), "Hello again, and longer than the sixty-four bytes of the smallest class"; got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	b.Grow(2 << 20)
	b.Release()
	if bufpool.Array(&b) != nil {
		t.Error("the zero Buffer kept its memory after Release")
	}
	new(bufpool.Buffer).Release()
}

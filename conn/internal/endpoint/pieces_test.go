package endpoint_test

import (
	"bytes"
	"testing"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
)

// gather puts n bytes into pieces, at most step at a time, and returns them with the most memory, in bytes, that the pieces may have taken at any moment.
func gather(n, step, guess int) (s endpoint.Pieces, want []byte) {
	for len(want) < n {
		room := s.Room(guess)
		part := room[:min(step, len(room), n-len(want))]
		for i := range part {
			part[i] = byte(len(want) * 31 >> 3)
			want = append(want, part[i])
		}
		s.Added(len(part))
	}
	return s, want
}

func TestPieces(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 513, 5000, 65535, 65536, 65537, 200000, 1 << 20} {
		for _, step := range []int{1000, 1 << 20} {
			for _, guess := range []int{0, 1000, 70000, 1 << 30} {
				s, want := gather(n, step, guess)
				if len(s.Room(guess)) == 0 {
					t.Fatalf("%d bytes: no room", n)
				}
				b := s.Take()
				if !bytes.Equal(b.B, want) {
					t.Errorf("%d bytes, %d at a time: got %d others", n, step, len(b.B))
				}
				b.Release()
				again, want := gather(10, step, guess)
				if b := again.Take(); !bytes.Equal(b.B, want) {
					t.Errorf("after %d bytes: got %q; want %q", n, b.B, want)
				}
			}
		}
	}
}

// TestPieces_memory: pieces that are given up have never held more than what was put in and one piece.
func TestPieces_memory(t *testing.T) {
	for _, n := range []int{100, 5000, 100000, 1 << 20, 10 << 20} {
		s, _ := gather(n, 4096, 4096)
		if held := endpoint.Held(&s); held > n+64<<10 {
			t.Errorf("%d bytes take %d; want at most 64 KiB more", n, held)
		}
		s.Drop()
		if held := endpoint.Held(&s); held != 0 {
			t.Errorf("%d bytes after Drop", held)
		}
	}
}

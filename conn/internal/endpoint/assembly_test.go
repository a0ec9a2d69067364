package endpoint_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
)

// filler is what messages are made of here: no two neighbouring parts are alike.
func filler(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// grown checks the promise of Assembly: at most twice what was received, and 512 bytes.
func grown(t *testing.T, capacity, received int) {
	t.Helper()
	if most := 2*received + 512; capacity > most {
		t.Fatalf("%d bytes held for %d received; want at most %d", capacity, received, most)
	}
}

func TestAssembly_Append(t *testing.T) {
	for _, piece := range []int{1, 7, 64, 511, 512, 513, 4096, 65536, 100000} {
		want := filler(3 << 20)
		if piece < 64 {
			want = want[:130000]
		}
		var a endpoint.Assembly
		for have := 0; have < len(want); {
			n := min(piece, len(want)-have)
			a.Append(want[have : have+n])
			have += n
			grown(t, a.Cap(), have)
		}
		buf := a.Take()
		if !bytes.Equal(buf.B, want) {
			t.Errorf("in pieces of %d: the message differs from what was appended", piece)
		}
		buf.Release()
		if a.Open() || a.Take() != nil {
			t.Error("the assembly is not empty after Take")
		}
	}
}

func TestAssembly_empty(t *testing.T) {
	var a endpoint.Assembly
	if a.Open() || a.Take() != nil {
		t.Error("the zero Assembly holds a buffer")
	}
	a.Drop()
	for range 20000 {
		a.Append(nil)
	}
	if !a.Open() {
		t.Error("an empty part does not begin a message")
	}
	grown(t, a.Cap(), 0)
	a.Append([]byte("x"))
	a.Append(nil)
	if buf := a.Take(); string(buf.B) != "x" {
		t.Errorf("the message is %q; want %q", buf.B, "x")
	} else {
		buf.Release()
	}
	a.Append([]byte("y"))
	a.Drop()
	if a.Open() {
		t.Error("a dropped assembly holds a buffer")
	}
}

// TestAssembly_Spare reads a message as conn does: the first part is appended, the rest goes to where Spare says, in reads of any length.
func TestAssembly_Spare(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	for _, declared := range []int64{1, 511, 512, 513, 5000, 1 << 20, 1<<20 + 1, 3<<20 + 77, 1 << 30, math.MaxInt64} {
		for _, first := range []int{0, 1, 600, 4096} {
			if int64(first) > declared {
				continue
			}
			want := filler(int(min(declared, 3<<20+77)))
			var a endpoint.Assembly
			have := 0
			if first > 0 {
				a.Append(want[:first])
				have = first
			}
			for have < len(want) {
				dst := a.Spare(declared - int64(have))
				grown(t, a.Cap(), have)
				if len(dst) == 0 || int64(len(dst)) > declared-int64(have) {
					t.Fatalf("Spare has %d bytes for the %d to come", len(dst), declared-int64(have))
				}
				if int64(len(dst)) < min(257, declared-int64(have)) {
					t.Fatalf("Spare has %d bytes, which are not worth a read", len(dst))
				}
				n := 1 + rnd.IntN(min(len(dst), len(want)-have))
				copy(dst, want[have:have+n])
				a.Added(n)
				have += n
			}
			buf := a.Take()
			if !bytes.Equal(buf.B, want) {
				t.Errorf("declared %d, %d of it appended: the message differs from what was read", declared, first)
			}
			buf.Release()
		}
	}
}

// TestAssembly_declared: a length that was declared and not sent costs nothing.
func TestAssembly_declared(t *testing.T) {
	var a endpoint.Assembly
	defer a.Drop()
	for range 10 {
		if n := len(a.Spare(1 << 40)); n == 0 || n > 512 {
			t.Fatalf("Spare of an empty assembly has %d bytes; want 1 to 512", n)
		}
		grown(t, a.Cap(), 0)
	}
}

func TestAssembly_mixed(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(8, seed))
		want := filler(1 + rnd.IntN(400000))
		var a endpoint.Assembly
		for have := 0; have < len(want); {
			left := len(want) - have
			n := rnd.IntN(1 + min(left, 1<<rnd.IntN(18)))
			if rnd.IntN(2) == 0 {
				a.Append(want[have : have+n])
			} else {
				n = copy(a.Spare(int64(left)), want[have:have+n])
				a.Added(n)
			}
			have += n
			grown(t, a.Cap(), have)
		}
		buf := a.Take()
		if !bytes.Equal(buf.B, want) {
			t.Fatalf("seed %d: the message differs from what was received", seed)
		}
		buf.Release()
	}
}

package mask_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/laminar-ws/laminar/frame/internal/mask"
)

// reference is RFC 6455 section 5.3 word for word: j = i MOD 4, transformed-octet-i = original-octet-i XOR key-octet-j.
func reference(dst, src []byte, key [4]byte, pos int) int {
	for i := range src {
		dst[i] = src[i] ^ key[(pos+i)%4]
	}
	return (pos + len(src)) % 4
}

func TestXOR(t *testing.T) {
	for _, tt := range []struct {
		name, rfc string
		src       string
		key       [4]byte
		pos       int
		want      string
		next      int
	}{
		{"nothing", "5.3", "", [4]byte{1, 2, 3, 4}, 3, "", 3},
		{"Hello", "5.7", "Hello", [4]byte{0x37, 0xfa, 0x21, 0x3d}, 0, "\x7f\x9f\x4d\x51\x58", 1},
		{"from the second byte", "5.7", "ello", [4]byte{0x37, 0xfa, 0x21, 0x3d}, 1, "\x9f\x4d\x51\x58", 1},
		{"only pos modulo 4 counts", "5.7", "lo", [4]byte{0x37, 0xfa, 0x21, 0x3d}, 1<<30 + 3, "\x51\x58", 1},
		{"a key of zeros", "5.3", "as it is", [4]byte{}, 2, "as it is", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := make([]byte, len(tt.src))
			if next := mask.XOR(got, []byte(tt.src), tt.key, tt.pos); next != tt.next {
				t.Errorf("next offset %d; want %d", next, tt.next)
			}
			if string(got) != tt.want {
				t.Errorf("got %x; want %x", got, tt.want)
			}
		})
	}
}

func TestXOR_shortDestination(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic; want one, although the capacity would do")
		}
	}()
	mask.XOR(make([]byte, 4, 16), make([]byte, 5), [4]byte{}, 0)
}

// TestXOR_everyShape compares with the reference at every length to 4096, alignment to 31 and phase, in place and
// apart, as built and without the assembly; a canary on either side must survive. A short or race run takes every 17th
// length, and all up to 160.
func TestXOR_everyShape(t *testing.T) {
	t.Run("impl=built", everyShape)
	t.Run("impl=plain", func(t *testing.T) { mask.Plain(func() { everyShape(t) }) })
}

func everyShape(t *testing.T) {
	const (
		maxLen = 4096
		edge   = 64
		align  = 32
	)
	text := make([]byte, maxLen)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(text)
	key := [4]byte{0x9c, 0x01, 0xf3, 0x5a}

	var want [4][maxLen]byte // any length's answer is a prefix of it
	for pos := range want {
		reference(want[pos][:], text, key, pos)
	}
	canary := bytes.Repeat([]byte{0xC5}, edge)
	back := make([]byte, edge+align+maxLen+edge+align)
	back = back[-uintptr(unsafe.Pointer(unsafe.SliceData(back)))%align:]
	step := 1
	if testing.Short() || raceEnabled {
		step = 17
	}
	for n := 0; n <= maxLen; n++ {
		if n > 160 && n%step != 0 {
			continue
		}
		for a := range align {
			for pos := range 4 {
				whole := back[a : a+edge+n+edge]
				buf := whole[edge : edge+n]
				copy(whole, canary)
				copy(whole[edge+n:], canary)
				src := text[:n]
				if (a+n)%2 == 0 { // in place; the neighbouring length has this alignment apart
					copy(buf, src)
					src = buf
				}
				if next := mask.XOR(buf, src, key, pos); next != (pos+n)%4 {
					t.Fatalf("length %d, alignment %d, phase %d: next offset %d; want %d", n, a, pos, next, (pos+n)%4)
				}
				if !bytes.Equal(buf, want[pos][:n]) {
					t.Fatalf("length %d, alignment %d, phase %d: wrong bytes", n, a, pos)
				}
				if !bytes.Equal(whole[:edge], canary) || !bytes.Equal(whole[edge+n:], canary) {
					t.Fatalf("length %d, alignment %d, phase %d: wrote outside of dst", n, a, pos)
				}
			}
		}
	}
}

// TestXOR_split masks a payload in pieces, each from the offset that the one before returned.
func TestXOR_split(t *testing.T) {
	random := rand.New(rand.NewPCG(6455, 53))
	for range 2000 {
		src := make([]byte, random.IntN(600))
		for i := range src {
			src[i] = byte(random.Uint32())
		}
		var key [4]byte
		for i := range key {
			key[i] = byte(random.Uint32())
		}
		want := make([]byte, len(src))
		reference(want, src, key, 0)

		got := bytes.Clone(src)
		var cuts []int
		pos := 0
		for rest := got; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			cuts = append(cuts, n)
			pos = mask.XOR(rest[:n], rest[:n], key, pos)
			rest = rest[n:]
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("pieces of %v bytes with key %x: got %x; want %x", cuts, key, got, want)
		}
	}
}

func FuzzXOR(f *testing.F) {
	f.Add([]byte("Hello"), uint32(0x3d21fa37), 0, 2)
	f.Add(bytes.Repeat([]byte("0123456789abcdef"), 20), uint32(0x01020304), 3, 129)
	f.Add([]byte{}, uint32(0), 0, 0)
	f.Fuzz(func(t *testing.T, src []byte, k uint32, pos, cut int) {
		pos &= 1<<30 - 1
		key := [4]byte{byte(k), byte(k >> 8), byte(k >> 16), byte(k >> 24)}
		want := make([]byte, len(src))
		next := reference(want, src, key, pos)

		apart := make([]byte, len(src)+1)
		if got := mask.XOR(apart, src, key, pos); got != next {
			t.Errorf("next offset %d; want %d", got, next)
		}
		if !bytes.Equal(apart[:len(src)], want) || apart[len(src)] != 0 {
			t.Errorf("apart: got %x; want %x, then 00", apart, want)
		}

		cut = int(uint(cut) % uint(len(src)+1))
		place := bytes.Clone(src)
		mid := mask.XOR(place[:cut], place[:cut], key, pos)
		if got := mask.XOR(place[cut:], place[cut:], key, mid); got != next {
			t.Errorf("cut at %d: next offset %d; want %d", cut, got, next)
		}
		if !bytes.Equal(place, want) {
			t.Errorf("in place, cut at %d: got %x; want %x", cut, place, want)
		}
		mask.XOR(place, place, key, pos)
		if !bytes.Equal(place, src) {
			t.Errorf("masking twice: got %x; want %x", place, src)
		}
	})
}

package wire

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// appendEcho appends one frame as a server sends it.
func appendEcho(dst []byte, op byte, fin bool, payload []byte) []byte {
	at := len(dst)
	dst = append(appendHeader(dst, op, len(payload), false), payload...)
	if !fin {
		dst[at] &^= finBit
	}
	return dst
}

// echoes returns what a right server sends back for n messages from the slot given: whole frames, or each
// message in two fragments with an empty one between.
func echoes(r *Ring, slot, n int, fragmented bool) (b []byte) {
	for i := range n {
		p := r.payloads[(slot+i)%r.Slots()]
		if !fragmented {
			b = appendEcho(b, r.shape.Op, true, p)
			continue
		}
		half := len(p) / 2
		b = appendEcho(b, r.shape.Op, false, p[:half])
		b = appendEcho(b, Continuation, false, nil)
		b = appendEcho(b, Continuation, true, p[half:])
	}
	return b
}

// feed cuts b into pieces as next says and returns the messages counted.
func feed(c *Checker, b []byte, next func(left int) int) (messages int, err error) {
	for len(b) > 0 {
		n := next(len(b))
		m, err := c.Feed(b[:n])
		messages += m
		if err != nil {
			return messages, err
		}
		b = b[n:]
	}
	return messages, nil
}

func TestChecker_countsAtEverySplit(t *testing.T) {
	const n = 2*sampleEvery + 1
	for _, size := range []int{0, 1, 125, 126, 128, 1024, 65535, 65536} {
		r, err := NewRing(Shape{Op: Binary, Size: size, Window: 2})
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, uint64(size)))
		for name, next := range map[string]func(int) int{
			"whole":  func(left int) int { return left },
			"bytes":  func(int) int { return 1 },
			"random": func(left int) int { return 1 + rng.IntN(min(left, 2*size+8)) },
		} {
			for _, fragmented := range []bool{false, true} {
				c := r.NewChecker(3)
				messages, err := feed(&c, echoes(r, 3, n, fragmented), next)
				if messages != n || err != nil {
					t.Errorf("size %d, %s, fragmented %v: %d messages, error %v; want %d, nil", size, name, fragmented, messages, err, n)
				}
			}
		}
	}
}

func TestChecker_refuses(t *testing.T) {
	r, err := NewRing(Shape{Op: Binary, Size: 128, Window: 16})
	if err != nil {
		t.Fatal(err)
	}
	first := r.payloads[0]
	text := echoes(r, 0, 1, false)
	text[0] = finBit | Text
	flipped := echoes(r, 0, 1, false)
	flipped[len(flipped)-1] ^= 1
	missing := append(echoes(r, 0, 1, false), echoes(r, 2, 2*sampleEvery, false)...)
	tests := []struct {
		name string
		in   []byte
		want error
	}{
		{"another opcode", text, ErrOpcode},
		{"a Close frame", []byte{0x88, 0x02, 0x03, 0xe8}, ErrOpcode},
		{"a continuation of nothing", []byte{0x80, 0x01, 'x'}, ErrOpcode},
		{"a second first fragment", appendEcho(appendEcho(nil, Binary, false, first[:1]), Binary, true, first[1:]), ErrOpcode},
		{"a shorter message", appendEcho(nil, Binary, true, first[:127]), ErrLength},
		{"a longer message", appendEcho(nil, Binary, true, append(first[:128:128], 0)), ErrLength},
		{"a fragment past the message", appendEcho(appendEcho(nil, Binary, false, first[:1]), Continuation, true, first), ErrLength},
		{"a flipped bit in the last byte", flipped, ErrPayload},
		{"a message left out", missing, ErrPayload},
		{"another connection's messages", echoes(r, 1, 1, false), ErrPayload},
		{"masked", []byte{0x82, 0xfe, 0x00, 0x80}, errMasked},
		{"RSV1", []byte{0xc2, 0x7e, 0x00, 0x80}, errReserved},
	}
	for _, tt := range tests {
		for name, next := range map[string]func(int) int{
			"whole": func(left int) int { return left },
			"bytes": func(int) int { return 1 },
		} {
			c := r.NewChecker(0)
			if _, err := feed(&c, tt.in, next); !errors.Is(err, tt.want) {
				t.Errorf("%s, %s: error %v; want %v", tt.name, name, err, tt.want)
			}
		}
	}
}

func TestChecker_samplesEverySlot(t *testing.T) {
	r, err := NewRing(Shape{Op: Binary, Size: 8, Window: 64})
	if err != nil {
		t.Fatal(err)
	}
	for bad := range r.Slots() {
		b := echoes(r, 0, sampleEvery*r.Slots(), false)
		frame := len(b) / (sampleEvery * r.Slots())
		for round := range sampleEvery {
			b[(round*r.Slots()+bad+1)*frame-1] ^= 1
		}
		c := r.NewChecker(0)
		if _, err := c.Feed(b); !errors.Is(err, ErrPayload) {
			t.Errorf("slot %d wrong in %d rounds: error %v; want %v", bad, sampleEvery, err, ErrPayload)
		}
	}
}

func FuzzChecker(f *testing.F) {
	r, err := NewRing(Shape{Op: Binary, Size: 200, Window: 2})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(echoes(r, 0, 3, false), uint8(7))
	f.Add(echoes(r, 0, 3, true), uint8(1))
	f.Add([]byte{0x02, 0x01, 0x00, 0x80, 0x7f, 0, 0, 0, 0, 0, 0, 0, 1}, uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, pieces := r.NewChecker(0), r.NewChecker(0)
		want, wantErr := whole.Feed(b)
		got, gotErr := feed(&pieces, b, func(left int) int { return min(left, 1+int(cut)) })
		if got != want || (gotErr == nil) != (wantErr == nil) {
			t.Errorf("in pieces of %d: %d messages, error %v; whole: %d, %v", 1+int(cut), got, gotErr, want, wantErr)
		}
	})
}

func BenchmarkChecker(b *testing.B) {
	r, err := NewRing(Shape{Op: Binary, Size: 128, Window: 64})
	if err != nil {
		b.Fatal(err)
	}
	in := echoes(r, 0, 64, false)
	c := r.NewChecker(0)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if n, err := c.Feed(in); n != 64 || err != nil {
			b.Fatal(n, err)
		}
	}
}

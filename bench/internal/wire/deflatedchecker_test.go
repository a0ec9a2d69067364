package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// appendDeflatedEcho appends a message as a server sends it, in frames of at most most payload bytes; 0: in one.
func appendDeflatedEcho(dst []byte, op byte, body []byte, most int) []byte {
	if most == 0 || most >= len(body) {
		at := len(dst)
		dst = appendEcho(dst, op, true, body)
		dst[at] |= rsv1Bit
		return dst
	}
	at := len(dst)
	dst = appendEcho(dst, op, false, body[:most])
	dst[at] |= rsv1Bit
	for body = body[most:]; len(body) > most; body = body[most:] {
		dst = appendEcho(dst, Continuation, false, body[:most])
	}
	return appendEcho(appendEcho(dst, Continuation, false, body), Continuation, true, nil)
}

// deflatedEchoes returns what a right server sends back for n messages of connection i, its compressor being the one given, and
// how many bytes of payload that is.
func deflatedEchoes(r *Ring, c *compressor, i, n, most int) (b []byte, payload int64) {
	c.reset()
	for m := range n {
		if r.shape.Compression == NoTakeover {
			c.reset()
		}
		body := c.append(nil, r.payloads[(r.start(i)+m)%r.Slots()])
		payload += int64(len(body))
		b = appendDeflatedEcho(b, r.shape.Op, body, most)
	}
	return b, payload
}

func deflatedRing(t testing.TB, c Compression) *Ring {
	t.Helper()
	r, err := NewRing(Shape{Op: Text, JSON: true, Size: 512, Window: 2, Compression: c})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDeflatedChecker_countsAtEverySplit(t *testing.T) {
	const n = 2*sampleEvery + 1
	for _, compression := range []Compression{NoTakeover, Takeover} {
		r := deflatedRing(t, compression)
		rng := rand.New(rand.NewPCG(1, 2))
		for name, next := range map[string]func(int) int{
			"whole":  func(left int) int { return left },
			"bytes":  func(int) int { return 1 },
			"random": func(left int) int { return 1 + rng.IntN(min(left, 600)) },
		} {
			for _, most := range []int{0, 100, 1} {
				for _, i := range []int{0, 3} {
					b, payload := deflatedEchoes(r, newCompressor(), i, n, most)
					c := r.NewChecker(i)
					messages, err := feed(&c, b, next)
					if messages != n || err != nil || c.PayloadBytes() != payload {
						t.Errorf("%v, %s, frames of %d, connection %d: %d messages of %d bytes, error %v; want %d of %d, nil",
							compression, name, most, i, messages, c.PayloadBytes(), err, n, payload)
					}
				}
			}
		}
	}
}

func TestDeflatedChecker_refuses(t *testing.T) {
	c := newCompressor()
	for _, compression := range []Compression{NoTakeover, Takeover} {
		r := deflatedRing(t, compression)
		good, _ := deflatedEchoes(r, c, 0, 1, 0)
		frames, _ := deflatedEchoes(r, c, 0, 1, 100)
		with := func(b []byte, at int, bits byte) []byte {
			b = bytes.Clone(b)
			b[at] ^= bits
			return b
		}
		second := 2 + 100 // where frames' second header begins
		c.reset()
		long := c.append(nil, append(bytes.Clone(r.payloads[0]), 'x'))
		c.reset()
		short := c.append(nil, r.payloads[0][:511])
		c.reset()
		body := c.append(nil, r.payloads[0])
		other, _ := deflatedEchoes(r, c, 1, 1, 0)
		tests := []struct {
			name string
			in   []byte
			want error
		}{
			{"uncompressed", appendEcho(nil, Text, true, r.payloads[0]), ErrPlain},
			{"another opcode", with(good, 0, Text^Binary), ErrOpcode},
			{"a Close frame", []byte{0x88, 0x02, 0x03, 0xe8}, ErrOpcode},
			{"RSV2", with(good, 0, 0x20), errReserved},
			{"RSV1 on a continuation", with(frames, second, rsv1Bit), errReserved},
			{"a second first fragment", with(frames, second, Text), ErrOpcode},
			{"masked", with(good, 1, maskBit), errMasked},
			{"endless", []byte{finBit | rsv1Bit | Text, 127, 0, 0, 0, 0, 0, 1, 0, 0}, ErrLength},
			{"endless in fragments", appendDeflatedEcho(nil, Text, make([]byte, 2000), 100), ErrLength},
			{"a longer message", appendDeflatedEcho(nil, Text, long, 0), ErrLength},
			{"a shorter message", appendDeflatedEcho(nil, Text, short, 0), ErrLength},
			{"bytes behind the stream", appendDeflatedEcho(nil, Text, append(bytes.Clone(body), tail+"\x03\x00"...), 0), ErrInflate},
			{"another connection's message", other, ErrPayload},
		}
		for _, tt := range tests {
			for name, next := range map[string]func(int) int{
				"whole": func(left int) int { return left },
				"bytes": func(int) int { return 1 },
			} {
				c := r.NewChecker(0)
				if _, err := feed(&c, tt.in, next); !errors.Is(err, tt.want) {
					t.Errorf("%v, %s, %s: error %v; want %v", compression, tt.name, name, err, tt.want)
				}
			}
		}
	}
}

// Without takeover a reference to the message before is wrong, however right the bytes would be; with it the
// first message that goes missing or comes from elsewhere is seen.
func TestDeflatedChecker_keepsWindowsApart(t *testing.T) {
	const n = 3 * sampleEvery
	chained, err := NewRing(Shape{Op: Text, JSON: true, Size: 512, Window: 2, Compression: Takeover})
	if err != nil {
		t.Fatal(err)
	}
	single := deflatedRing(t, NoTakeover)
	b, _ := deflatedEchoes(chained, newCompressor(), 0, n, 0)
	c := single.NewChecker(0)
	if _, err := c.Feed(b); !errors.Is(err, ErrInflate) {
		t.Errorf("takeover that was not agreed on: error %v; want %v", err, ErrInflate)
	}

	one, _ := deflatedEchoes(chained, newCompressor(), 0, 1, 0)
	two, _ := deflatedEchoes(chained, newCompressor(), 0, 2, 0)
	c = chained.NewChecker(0)
	if _, err := c.Feed(two[len(one):]); err == nil {
		t.Error("a first message that refers to one that never came was accepted")
	}
}

func TestDeflatedChecker_serverMaxWindowBits(t *testing.T) {
	// The second of two messages alike is little but references as far back as the message is long.
	r := &Ring{
		shape:    Shape{Op: Binary, Size: 600, Window: 1, Compression: Takeover, ServerMaxWindowBits: 9},
		slots:    1,
		payloads: [][]byte{payload(rand.New(rand.NewPCG(1, 2)), Shape{Op: Binary, Size: 600})},
		deflated: new(deflated),
	}
	b, _ := deflatedEchoes(r, newCompressor(), 0, 2, 0)
	for bits, want := range map[int]error{9: ErrInflate, 10: nil, 0: nil} {
		r.shape.ServerMaxWindowBits = bits
		c := r.NewChecker(0)
		if _, err := c.Feed(b); !errors.Is(err, want) {
			t.Errorf("%d bits: error %v; want %v", bits, err, want)
		}
	}
}

// With takeover, a connection that is followed is checked in every byte, and the others for their frames.
func TestDeflatedChecker_follows(t *testing.T) {
	r := deflatedRing(t, Takeover)
	for _, tt := range []struct {
		i    int
		want error
	}{{0, ErrPayload}, {1, nil}, {49, nil}, {followEvery, ErrPayload}, {7 * followEvery, ErrPayload}} {
		b, _ := deflatedEchoes(r, newCompressor(), tt.i+1, 1, 0)
		c := r.NewChecker(tt.i)
		if _, err := c.Feed(b); !errors.Is(err, tt.want) {
			t.Errorf("connection %d: error %v; want %v", tt.i, err, tt.want)
		}
	}
}

func TestDeflatedChecker_samplesEverySlot(t *testing.T) {
	r := deflatedRing(t, NoTakeover)
	comp := newCompressor()
	var echo [][]byte // of each slot
	for slot := range r.Slots() {
		b, _ := deflatedEchoes(r, comp, slot, 1, 0)
		echo = append(echo, b)
	}
	for bad := range r.Slots() {
		c := r.NewChecker(0)
		var err error
		for m := 0; m < sampleEvery*r.Slots() && err == nil; m++ {
			slot := m % r.Slots()
			if slot == bad {
				slot = (slot + 1) % r.Slots()
			}
			_, err = c.Feed(echo[slot])
		}
		if !errors.Is(err, ErrPayload) {
			t.Errorf("slot %d wrong in %d rounds: error %v; want %v", bad, sampleEvery, err, ErrPayload)
		}
	}
}

func FuzzDeflatedChecker(f *testing.F) {
	r := deflatedRing(f, Takeover)
	for _, most := range []int{0, 100} {
		b, _ := deflatedEchoes(r, newCompressor(), 0, 3, most)
		f.Add(b, uint8(7))
	}
	f.Add([]byte{0x41, 0x01, 0x00, 0x80, 0x7f, 0, 0, 0, 0, 0, 0, 0, 1}, uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		whole, pieces := r.NewChecker(0), r.NewChecker(0)
		want, wantErr := whole.Feed(b)
		got, gotErr := feed(&pieces, b, func(left int) int { return min(left, 1+int(cut)) })
		if got != want || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Errorf("in pieces of %d: %d messages, error %v; whole: %d, %v", 1+int(cut), got, gotErr, want, wantErr)
		}
	})
}

func BenchmarkDeflatedChecker(b *testing.B) {
	for _, compression := range []Compression{NoTakeover, Takeover} {
		for _, i := range []int{0, 1} {
			b.Run(fmt.Sprintf("%v/connection=%d", compression, i), func(b *testing.B) {
				r := deflatedRing(b, compression)
				in, _ := deflatedEchoes(r, newCompressor(), i, 256, 0)
				b.SetBytes(int64(len(in)))
				b.ReportAllocs()
				for b.Loop() {
					c := r.NewChecker(i)
					if n, err := c.Feed(in); n != 256 || err != nil {
						b.Fatal(n, err)
					}
				}
			})
		}
	}
}

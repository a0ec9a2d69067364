package zlib

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// A way is one to compress a connection's messages.
type way struct {
	takeover, dedicated bool
	how                 string // "whole", "in parts", "mixed": either, or compressed elsewhere and observed
}

// ways returns those that there are with such a window.
func ways(bits uint8) []way {
	w := []way{
		{how: "whole"}, {how: "in parts"},
		{takeover: true, how: "whole"}, {takeover: true, how: "in parts"}, {takeover: true, how: "mixed"},
	}
	if bits == 15 {
		w = append(w, way{true, true, "whole"}, way{true, true, "in parts"}, way{true, true, "mixed"})
	}
	return w
}

// TestCompressor has zlib inflate messages of every size and content, by every level, window and way to compress.
func TestCompressor(t *testing.T) {
	for level := 1; level <= 9; level++ {
		t.Run(fmt.Sprintf("level=%d", level), func(t *testing.T) {
			t.Parallel()
			var all tally
			p := startPeer(t)
			for bits := uint8(8); bits <= 15; bits++ {
				for i, w := range ways(bits) {
					rng := rand.New(rand.NewPCG(uint64(level), uint64(bits)<<8|uint64(i)))
					c := connection{level: level, bits: bits, way: w, step: 64, markers: 8}
					all.join(c.test(t, p, rng, everySize(rng, level+int(bits)+i)))
				}
			}
			wantAllMarkers(t, &all)
		})
	}
}

// TestCompressor_window does so with messages that repeat themselves at distances around the window's size, and a zlib that does not see beyond it: with 1 byte to a call
// not at all, and with 7 seldom.
func TestCompressor_window(t *testing.T) {
	for level := 1; level <= 9; level++ {
		t.Run(fmt.Sprintf("level=%d", level), func(t *testing.T) {
			t.Parallel()
			p := startPeer(t)
			for bits := uint8(8); bits <= 15; bits++ {
				step := 1
				switch {
				case bits == 15: // no distance goes beyond it
					step = 64
				case bits > 11:
					step = 7
				}
				for i, w := range ways(bits) {
					rng := rand.New(rand.NewPCG(uint64(level), uint64(bits)<<8|uint64(i)))
					c := connection{level: level, bits: bits, way: w, step: step}
					c.test(t, p, rng, distances(rng, bits))
				}
			}
		})
	}
}

// connection is one of laminar's to zlib.
type connection struct {
	level int
	bits  uint8
	way
	step, markers int
}

// test compresses messages and has the peer inflate them.
func (c connection) test(t *testing.T, p *peer, rng *rand.Rand, messages [][]byte) *tally {
	t.Helper()
	dir := deflate.Direction{ContextTakeover: c.takeover, WindowBits: c.bits}
	z := deflate.NewCompressor(dir, deflate.Options{Level: c.level, Dedicated: c.dedicated})
	elsewhere := deflate.NewCompressor(deflate.Direction{WindowBits: c.bits}, deflate.Options{Level: c.level})
	payloads := make([][]byte, len(messages))
	for i, m := range messages {
		how := c.how
		if how == "mixed" {
			how = []string{"whole", "in parts", "observed"}[rng.IntN(3)]
		}
		var p []byte
		var err error
		switch how {
		case "whole":
			p, err = z.Append(nil, m)
		case "in parts":
			p, err = compressParts(&z, cut(rng, m))
		case "observed":
			if p, err = elsewhere.Append(nil, m); err == nil {
				err = z.Observe(m)
			}
		}
		if err != nil {
			t.Fatalf("%+v, message %d of %d bytes, %s: %v", c, i, len(m), how, err)
		}
		if len(p) == 0 || len(p) > deflate.Bound(len(m)) {
			t.Errorf("%+v, message %d of %d bytes, %s: compressed to %d; want 1 to %d", c, i, len(m), how, len(p), deflate.Bound(len(m)))
		}
		payloads[i] = p
	}
	n := tally{connections: 1}
	for i, a := range p.exchange(t, settings{Do: "inflate", Bits: c.bits, Takeover: c.takeover, Step: c.step, Markers: c.markers}, payloads) {
		if a.err != nil || !bytes.Equal(a.data, messages[i]) {
			t.Fatalf("%+v, message %d of %d bytes, compressed to %s: zlib got %d bytes, %v", c, i, len(messages[i]), brief(payloads[i]), len(a.data), a.err)
		}
		n.message(messages[i], a.marker)
	}
	compressed.join(&n)
	return &n
}

// compressParts compresses a message that comes in parts.
func compressParts(z *deflate.Compressor, parts [][]byte) (p []byte, err error) {
	for _, part := range parts {
		if p, err = z.Write(p, part); err != nil {
			return nil, err
		}
	}
	return z.End(p)
}

// brief returns b for an error's text.
func brief(b []byte) string {
	if len(b) > 100 {
		return fmt.Sprintf("%x... (%d bytes)", b[:100], len(b))
	}
	return fmt.Sprintf("%x", b)
}

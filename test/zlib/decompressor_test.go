package zlib

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// TestDecompressor inflates messages of every size and content, by every level and window of zlib's. Its raw DEFLATE has none of 8 bits.
func TestDecompressor(t *testing.T) {
	for level := 0; level <= 9; level++ {
		t.Run(fmt.Sprintf("level=%d", level), func(t *testing.T) {
			t.Parallel()
			var all tally
			p := startPeer(t)
			for bits := uint8(9); bits <= 15; bits++ {
				for i, takeover := range []bool{false, true} {
					rng := rand.New(rand.NewPCG(uint64(level), uint64(bits)<<8|uint64(i)))
					s := settings{Bits: bits, Takeover: takeover, Markers: 8, Level: level, Memory: 8}
					all.join(testInflate(t, p, rng, s, bits, []int{endSync, endFull, endSeveral}, everySize(rng, level+int(bits)+i)))
				}
			}
			if level > 0 { // a stored block ends at the end of a byte, always
				wantAllMarkers(t, &all)
			}
		})
	}
}

// TestDecompressor_settings does so with some messages by all that zlib can be set to, ended in every way that RFC 7692 allows.
func TestDecompressor_settings(t *testing.T) {
	for level := 0; level <= 9; level++ {
		t.Run(fmt.Sprintf("level=%d", level), func(t *testing.T) {
			t.Parallel()
			p := startPeer(t)
			seed := uint64(0)
			for bits := uint8(9); bits <= 15; bits++ {
				for memory := 1; memory <= 9; memory++ {
					for strategy := strategyDefault; strategy <= strategyFixed; strategy++ {
						for n, takeover := range map[int]bool{8: false, 24: true} {
							seed++
							rng := rand.New(rand.NewPCG(uint64(level), seed))
							s := settings{Bits: bits, Takeover: takeover, Level: level, Memory: memory, Strategy: strategy}
							ends := []int{endSync, endFull, endSeveral, endFinish, endFinishDictionary, endSeveralFinish}
							testInflate(t, p, rng, s, bits, ends, someSizes(rng, n))
						}
					}
				}
			}
		})
	}
}

// TestDecompressor_smallestWindow is about 8 bits. zlib refuses raw DEFLATE with a window of so many, or once took 9 without a word, but there is no way past
// the end of the window for one that never refers back, or by one byte only.
func TestDecompressor_smallestWindow(t *testing.T) {
	p := startPeer(t)
	rng := rand.New(rand.NewPCG(8, 0))
	all := []int{endSync, endFull, endSeveral, endFinish, endFinishDictionary, endSeveralFinish}
	for _, takeover := range []bool{false, true} {
		for _, s := range []settings{{Level: 0}, {Level: 6, Strategy: strategyHuffman}, {Level: 6, Strategy: strategyRLE}} {
			s.Bits, s.Takeover, s.Memory = 9, takeover, 8
			testInflate(t, p, rng, s, 8, all, someSizes(rng, 500))
		}
	}
	answers := p.exchange(t, settings{Do: "deflate", Bits: 8, Level: 6, Memory: 8}, [][]byte{{endSync}})
	t.Logf("zlib asked for a window of 8 bits: %v", answers[0].err)
	if answers[0].err == nil {
		testInflate(t, p, rng, settings{Bits: 8, Takeover: true, Level: 6, Memory: 8}, 9, all, someSizes(rng, 500))
	}
}

// testInflate has the peer compress messages and inflates them, each as a whole and in parts. Each ends in one of the ways given.
func testInflate(t *testing.T, p *peer, rng *rand.Rand, s settings, bits uint8, ends []int, messages [][]byte) *tally {
	t.Helper()
	s.Do, s.Step, s.Seed = "deflate", 1<<20, rng.IntN(1<<30)
	asked := make([][]byte, len(messages))
	for i, m := range messages {
		asked[i] = append([]byte{byte(ends[rng.IntN(len(ends))])}, m...)
	}
	dir := deflate.Direction{ContextTakeover: s.Takeover, WindowBits: bits}
	whole, inParts := deflate.NewDecompressor(dir), deflate.NewDecompressor(dir)
	n := tally{connections: 1}
	var got []byte
	for i, a := range p.exchange(t, s, asked) {
		m := messages[i]
		if a.err != nil {
			t.Fatalf("%+v, message %d of %d bytes, end %d: zlib: %v", s, i, len(m), asked[i][0], a.err)
		}
		var err error
		if got, err = whole.Append(got[:0], a.data, int64(len(m))); err != nil || !bytes.Equal(got, m) {
			t.Fatalf("%+v, message %d of %d bytes, end %d, compressed to %s: got %d bytes, %v", s, i, len(m), asked[i][0], brief(a.data), len(got), err)
		}
		if got, err = inflateParts(&inParts, got[:0], cut(rng, a.data), 1<<rng.IntN(17)); err != nil || !bytes.Equal(got, m) {
			t.Fatalf("%+v, message %d of %d bytes, end %d, compressed to %s: got %d bytes, %v, from parts", s, i, len(m), asked[i][0], brief(a.data), len(got), err)
		}
		n.message(m, a.marker)
	}
	inflated.join(&n)
	return &n
}

// inflateParts inflates a message that comes in parts, reading size bytes at a time.
func inflateParts(d *deflate.Decompressor, dst []byte, parts [][]byte, size int) ([]byte, error) {
	buf := make([]byte, size)
	for i, part := range parts {
		last := i == len(parts)-1
		if err := d.Write(part, last); err != nil {
			return dst, err
		}
		for {
			n, err := d.Read(buf)
			dst = append(dst, buf[:n]...)
			switch {
			case err == nil:
			case err == deflate.ErrInput && !last:
			case err == io.EOF && last:
				return dst, nil
			case err == io.EOF:
				return dst, errors.New("the end came before the last part")
			default:
				return dst, err
			}
			if err != nil {
				break
			}
		}
	}
	return dst, errors.New("no end")
}

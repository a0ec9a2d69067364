package deflate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// content returns n bytes of the kind named, the same for the same seed.
func content(kind string, n int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 7692))
	b := make([]byte, 0, n+64)
	for len(b) < n {
		switch kind {
		case "zeros":
			b = append(b, 0)
		case "random":
			b = append(b, byte(rng.Uint32()))
		case "json":
			b = fmt.Appendf(b, `{"id":%d,"symbol":"%s","price":%d.%02d,"side":"%s"},`, rng.IntN(1e6),
				[]string{"ETHUSD", "BTCUSD", "XRPEUR"}[rng.IntN(3)], rng.IntN(5000), rng.IntN(100), []string{"buy", "sell"}[rng.IntN(2)])
		case "text":
			b = append(b, []string{"the ", "window ", "slides ", "over ", "what ", "was ", "sent; ", "nothing ", "else "}[rng.IntN(9)]...)
		}
	}
	return b[:n]
}

var kinds = []string{"zeros", "random", "json", "text"}

// Every level, window, way to keep the context and way to write, over messages of a connection around the sizes where something changes.
func TestCompressor(t *testing.T) {
	sizes := []int{0, 1, 3, 13, 127, 128, 255, 256, 257, 511, 1000, 1024, 4095, 4097, 16384, 16385, 32768, 40000, 65535, 65536, 70000}
	for bits := uint8(8); bits <= 15; bits++ {
		for level := 0; level <= 9; level++ {
			if bits < 15 && level > 1 && level != 4 && level != 7 && level != 9 {
				continue // the window's own compressor has no levels
			}
			for n, way := range []struct{ takeover, dedicated, inParts bool }{{}, {inParts: true}, {takeover: true}, {takeover: true, inParts: true}, {takeover: true, dedicated: true}} {
				dir := deflate.Direction{ContextTakeover: way.takeover, WindowBits: bits}
				z := deflate.NewCompressor(dir, deflate.Options{Level: level, Dedicated: way.dedicated})
				d := deflate.NewDecompressor(dir)
				rng := rand.New(rand.NewPCG(uint64(bits)<<8|uint64(n), uint64(level)))
				var messages [][]byte
				for i, at := range rng.Perm(len(sizes)) {
					if sizes[at] > 5000 && (testing.Short() || raceEnabled && rng.IntN(32) > 0) {
						continue // the race detector makes the reference slow
					}
					messages = append(messages, content(kinds[i%len(kinds)], sizes[at], uint64(level)))
				}
				checkMessages(t, &z, &d, dir, way.inParts, messages...)
			}
		}
	}
}

// Many small messages, so that a compressor of the connection's own is primed anew several times, and the window comes round.
func TestCompressor_takeover(t *testing.T) {
	for _, dedicated := range []bool{false, true} {
		for _, bits := range []uint8{9, 12, 15} {
			dir := deflate.Direction{ContextTakeover: true, WindowBits: bits}
			z, d := deflate.NewCompressor(dir, deflate.Options{Dedicated: dedicated}), deflate.NewDecompressor(dir)
			var messages [][]byte
			for i := range 300 {
				messages = append(messages, content("json", 50+37*i%1400, uint64(i)))
			}
			checkMessages(t, &z, &d, dir, false, messages...)
		}
	}
}

// What an earlier message has said costs a later one next to nothing, as far as the window reaches.
func TestCompressor_usesContext(t *testing.T) {
	for _, o := range []deflate.Options{{}, {Dedicated: true}, {Level: 9}, {Level: 5}} {
		for _, tt := range []struct {
			dir    deflate.Direction
			before int // bytes between the message and its repetition
			less   bool
		}{
			{alone, 0, false},
			{takeover, 0, true},
			{takeover, 2000, true},
			{takeover, 40000, false},
			{deflate.Direction{ContextTakeover: true, WindowBits: 11}, 0, true},
			{deflate.Direction{ContextTakeover: true, WindowBits: 11}, 2000, false},
		} {
			z := deflate.NewCompressor(tt.dir, o)
			m := content("random", 600, 1)
			if _, err := z.Append(nil, m); err != nil {
				t.Fatal(err)
			}
			if _, err := z.Append(nil, content("random", tt.before, 2)); err != nil {
				t.Fatal(err)
			}
			p, err := z.Append(nil, m)
			if err != nil || (len(p) < 100) != tt.less {
				t.Errorf("%+v, %+v, %d bytes between: the repetition takes %d of 600 bytes, %v", tt.dir, o, tt.before, len(p), err)
			}
		}
	}
}

func TestCompressor_Level(t *testing.T) {
	m := content("text", 20000, 3)
	size := func(o deflate.Options) int {
		z := deflate.NewCompressor(alone, o)
		p, err := z.Append(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		return len(p)
	}
	if fast, standard, best := size(deflate.Options{Level: 1}), size(deflate.Options{}), size(deflate.Options{Level: 9}); standard != fast || best >= fast {
		t.Errorf("level 1: %d bytes, level 0: %d, level 9: %d; want the first two equal and the last least", fast, standard, best)
	}
}

// Observe keeps up with a message that was compressed elsewhere.
func TestCompressor_Observe(t *testing.T) {
	for _, dedicated := range []bool{false, true} {
		z, d := deflate.NewCompressor(takeover, deflate.Options{Dedicated: dedicated}), deflate.NewDecompressor(takeover)
		once := deflate.NewCompressor(alone, deflate.Options{})
		for i := range 20 {
			m := content("json", 700, uint64(i))
			var p []byte
			var err error
			if i%3 == 1 {
				p, err = once.Append(nil, m)
				if err := z.Observe(m); err != nil {
					t.Fatal(err)
				}
			} else {
				p, err = z.Append(nil, m)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Append(nil, p, -1); err != nil || !bytes.Equal(got, m) {
				t.Fatalf("message %d: got %d bytes, %v", i, len(got), err)
			}
		}
		m := content("random", 1000, 9)
		if err := z.Observe(m); err != nil {
			t.Fatal(err)
		}
		if p, err := z.Append(nil, m); err != nil || len(p) > 100 {
			t.Errorf("what was observed takes %d of 1000 bytes, %v; want few", len(p), err)
		}
	}
}

// What was observed may be longer than the window. No more than its end is worked on, and nothing of it is kept.
func TestCompressor_Observe_long(t *testing.T) {
	for _, o := range []deflate.Options{{}, {Dedicated: true}, {Dedicated: true, Level: 9}} {
		z, d := deflate.NewCompressor(takeover, o), deflate.NewDecompressor(takeover)
		once := deflate.NewCompressor(alone, deflate.Options{})
		for _, n := range []int{40000, 1 << 20, 32768, 32769} {
			m := content("random", n, uint64(n))
			p, err := once.Append(nil, m)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Append(nil, p, -1); err != nil || !bytes.Equal(got, m) {
				t.Fatal(err)
			}
			if err := z.Observe(m); err != nil {
				t.Fatal(err)
			}
			again := m[n-1000:]
			if p, err = z.Append(nil, again); err != nil || len(p) > 200 {
				t.Errorf("%+v: the end of %d bytes takes %d of 1000, %v; want few", o, n, len(p), err)
			}
			if got, err := d.Append(nil, p, -1); err != nil || !bytes.Equal(got, again) {
				t.Errorf("%+v, behind %d bytes: got %d bytes, %v", o, n, len(got), err)
			}
		}
	}
}

// Close in the middle of a message gives the compressor back as one that the next may use.
func TestCompressor_Close(t *testing.T) {
	for range 10 {
		z := deflate.NewCompressor(alone, deflate.Options{})
		if _, err := z.Write(nil, content("json", 100000, 1)); err != nil {
			t.Fatal(err)
		}
		z.Close()
		z.Close()
		d := deflate.NewDecompressor(alone)
		checkMessages(t, &z, &d, alone, true, []byte("Hello"))
	}
}

// Nothing is allocated for a message, in a steady state.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		return // sync.Pool drops some of what it is given then
	}
	m := content("json", 1024, 1)
	for _, tt := range []struct {
		dir deflate.Direction
		o   deflate.Options
	}{{alone, deflate.Options{}}, {takeover, deflate.Options{}}, {takeover, deflate.Options{Dedicated: true}}, {deflate.Direction{ContextTakeover: true, WindowBits: 10}, deflate.Options{}}} {
		z, d := deflate.NewCompressor(tt.dir, tt.o), deflate.NewDecompressor(tt.dir)
		p, out := make([]byte, 0, 4096), make([]byte, 0, 4096)
		n := testing.AllocsPerRun(500, func() {
			var err error
			if p, err = z.Append(p[:0], m); err != nil {
				t.Fatal(err)
			}
			if out, err = d.Append(out[:0], p, 4096); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 || !bytes.Equal(out, m) {
			t.Errorf("%+v, %+v: %v allocations per message; want none", tt.dir, tt.o, n)
		}
	}
}

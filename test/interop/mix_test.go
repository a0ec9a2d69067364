package interop

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"unicode/utf8"
)

// A cut is one message of a mix: bytes From to To of its data.
type cut struct {
	Type string `json:"type"`
	From int    `json:"from"`
	To   int    `json:"to"`
}

// A mix is a list of messages, as a peer reads it.
type mix struct {
	data, cuts string // paths
	bytes      int64  // of all messages
}

// edges are message sizes on both sides of what may treat them differently: the length field, thresholds, buffers.
var edges = []int{0, 1, 124, 125, 126, 127, 511, 512, 513, 65535, 65536, mib}

// kinds are sources of messages, which differ in how they compress: words, records, not at all, to nothing.
var kinds = []struct {
	name, typ string
	source    func(random *rand.Rand, n int) []byte
}{
	{"text", "text", prose},
	{"JSON", "text", records},
	{"random", "binary", noise},
	{"zeros", "binary", func(_ *rand.Rand, n int) []byte { return make([]byte, n) }},
}

func prose(random *rand.Rand, n int) []byte {
	words := make([]string, 2000)
	letters := []rune("eeeeetttaaooiinnsshhrrdlluucmwfgypbvk'éüøßжд語😀")
	for i := range words {
		word := make([]rune, 1+random.IntN(9))
		for j := range word {
			word[j] = letters[random.IntN(len(letters))]
		}
		words[i] = string(word)
	}
	var b []byte
	for len(b) < n {
		b = append(b, words[int(float64(len(words))*math.Pow(random.Float64(), 3))]...)
		b = append(b, ' ')
	}
	return b
}

func records(random *rand.Rand, n int) []byte {
	var b []byte
	for id := 0; len(b) < n; id++ {
		b = fmt.Appendf(b, `{"id":%d,"user":"u%d","name":"Zoë 😀","score":%.4f,"tags":["a%d","b"],"on":%t},`,
			id, random.IntN(500), random.Float64(), random.IntN(9), random.IntN(2) == 0)
	}
	return b
}

func noise(random *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// newMix returns 1,000 messages of all kinds and their data: each edge of each kind, and sizes from 1 B to 2^bits bytes. With a
// spread of 1 these make a geometric series; the larger it is, the fewer are large.
func newMix(bits, spread float64) (data []byte, cuts []cut) {
	random := rand.New(rand.NewPCG(7692, 6455))
	add := func(kind, size int) {
		cuts = append(cuts, cut{kinds[kind].typ, kind, size}) // placed below
	}
	for kind := range kinds {
		for _, size := range edges {
			add(kind, size)
		}
	}
	rest := 1000 - len(cuts)
	for i := range rest {
		add(i%len(kinds), int(math.Exp2(bits*math.Pow(float64(i+1)/float64(rest), spread))))
	}
	random.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
	var starts []int
	for _, k := range kinds {
		starts = append(starts, len(data))
		data = append(data, k.source(random, 2*mib)...)
	}
	starts = append(starts, len(data))
	for i, c := range cuts {
		kind, size := c.From, c.To
		for { // text begins and ends between characters
			c.From = starts[kind] + random.IntN(starts[kind+1]-starts[kind]-size)
			c.To = c.From + size
			if c.Type == "binary" || utf8.Valid(data[c.From:c.To]) {
				break
			}
		}
		cuts[i] = c
	}
	return data, cuts
}

// The mixes are written once, when a test first asks for one.
var (
	longMix  = sync.OnceValues(func() (mix, error) { return writeMix("long", 20, 1) })
	shortMix = sync.OnceValues(func() (mix, error) { return writeMix("short", 17, 2) })
	repeats  = sync.OnceValues(writeRepeats)
)

func writeMix(name string, bits, spread float64) (mix, error) {
	data, cuts := newMix(bits, spread)
	return writeCuts(name, data, cuts)
}

// writeRepeats writes messages that compress to nothing where a window of 2^12 bytes or more is kept from one to the next, and else
// not at all.
func writeRepeats() (mix, error) {
	const size = 2000
	random := rand.New(rand.NewPCG(1, 1))
	return writeCuts("repeats", noise(random, size), slices.Repeat([]cut{{"binary", 0, size}}, 50))
}

func writeCuts(name string, data []byte, cuts []cut) (mix, error) {
	m := mix{data: filepath.Join(payloads.dir, name), cuts: filepath.Join(payloads.dir, name+".json")}
	for _, c := range cuts {
		m.bytes += int64(c.To - c.From)
	}
	list, err := json.Marshal(cuts)
	if err != nil {
		return m, err
	}
	if err := os.WriteFile(m.data, data, 0o600); err != nil {
		return m, err
	}
	return m, os.WriteFile(m.cuts, list, 0o600)
}

// plan has a peer exchange the mix and close.
func (m mix) plan() plan {
	return plan{File: m.data, Mix: m.cuts, shape: shape{Deflate: true}, Code: 1000}
}

func TestMix(t *testing.T) {
	for _, m := range []struct{ bits, spread float64 }{{20, 1}, {17, 2}} {
		data, cuts := newMix(m.bits, m.spread)
		if len(cuts) != 1000 {
			t.Errorf("%d messages; want 1000", len(cuts))
		}
		sizes := make(map[cut]int) // counted by type and size
		octaves := make(map[int]int)
		for _, c := range cuts {
			size := c.To - c.From
			sizes[cut{Type: c.Type, To: size}]++
			octaves[int(math.Log2(float64(max(size, 1))))]++
			if c.Type == "text" && !utf8.Valid(data[c.From:c.To]) {
				t.Errorf("%+v is not valid UTF-8", c)
			}
		}
		for _, typ := range []string{"text", "binary"} {
			for _, size := range edges {
				if n := sizes[cut{Type: typ, To: size}]; n < 2 {
					t.Errorf("%d messages of %d bytes as %s; want one of each of two kinds", n, size, typ)
				}
			}
		}
		for i := range int(m.bits) {
			if octaves[i] < 20 {
				t.Errorf("%d messages of %d bytes and more, up to twice that; want 20 or more", octaves[i], 1<<i)
			}
		}
	}
}

package utf8x_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/laminar-ws/laminar/internal/utf8x"
)

// texts has one generator for each kind of text: it appends a little more of it.
var texts = []struct {
	name string
	more func(b *strings.Builder, random *rand.Rand)
}{
	{"ascii", func(b *strings.Builder, _ *rand.Rand) {
		b.WriteString("The quick brown fox jumps over the lazy dog. ")
	}},
	{"accents", func(b *strings.Builder, _ *rand.Rand) {
		b.WriteString("D\u00e8s No\u00ebl o\u00f9 un z\u00e9phyr ha\u00ef me v\u00eat de gla\u00e7ons, je d\u00eene d'exquis r\u00f4tis; ")
	}},
	{"cyrillic", func(b *strings.Builder, random *rand.Rand) {
		for range 1 + random.IntN(9) {
			b.WriteRune(rune(0x430 + random.IntN(32)))
		}
		b.WriteByte(' ')
	}},
	{"chinese", func(b *strings.Builder, random *rand.Rand) {
		b.WriteRune(rune(0x4e00 + random.IntN(0x5000)))
	}},
	{"emoji", func(b *strings.Builder, random *rand.Rand) {
		b.WriteRune(rune(0x1f600 + random.IntN(0x50)))
	}},
	{"json", func(b *strings.Builder, random *rand.Rand) {
		fmt.Fprintf(b, `{"id":%d,"name":"`, random.IntN(1e6))
		for range 1 + random.IntN(8) {
			b.WriteRune(rune(0x4e00 + random.IntN(0x5000)))
		}
		b.WriteString(`","ok":true},`)
	}},
	{"mixed", func(b *strings.Builder, random *rand.Rand) {
		first := [...]rune{' ', 0xa1, 0x4e00, 0x1f300}[random.IntN(4)]
		b.WriteRune(first + rune(random.IntN(90)))
	}},
}

// text returns n bytes of valid UTF-8 of the i-th kind.
func text(i, n int) []byte {
	random := rand.New(rand.NewPCG(3629, uint64(i)))
	var b strings.Builder
	for b.Len() < n {
		texts[i].more(&b, random)
	}
	p := []byte(b.String())[:n]
	for end := n; !utf8.Valid(p); { // a sequence was cut: ASCII instead
		end--
		p[end] = '.'
	}
	return p
}

// BenchmarkWrite is one Write and Complete for a whole text; impl=std is utf8.Valid.
func BenchmarkWrite(b *testing.B) {
	for i, kind := range texts {
		for _, size := range []int{64, 1 << 10, 64 << 10} {
			p := text(i, size)
			run := func(impl string, valid func() bool) {
				b.Run(fmt.Sprintf("impl=%s/text=%s/size=%d", impl, kind.name, size), func(b *testing.B) {
					b.SetBytes(int64(size))
					b.ReportAllocs()
					for b.Loop() {
						if !valid() {
							b.Fatal("the text is not valid")
						}
					}
				})
			}
			run("stream", func() bool {
				var v utf8x.Validator
				return v.Write(p) && v.Complete()
			})
			run("std", func() bool { return utf8.Valid(p) })
		}
	}
}

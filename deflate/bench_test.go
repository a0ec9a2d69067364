package deflate_test

import (
	"fmt"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// benchmarked are the ways to compress that docs/compression.md compares.
var benchmarked = []struct {
	name string
	dir  deflate.Direction
	o    deflate.Options
}{
	{"message", alone, deflate.Options{}},
	{"message/level=6", alone, deflate.Options{Level: 6}},
	{"message/bits=9", deflate.Direction{WindowBits: 9}, deflate.Options{}},
	{"takeover", takeover, deflate.Options{}},
	{"takeover/level=6", takeover, deflate.Options{Level: 6}},
	{"takeover/bits=10", deflate.Direction{ContextTakeover: true, WindowBits: 10}, deflate.Options{}},
	{"takeover/bits=12", deflate.Direction{ContextTakeover: true, WindowBits: 12}, deflate.Options{}},
	{"dedicated", takeover, deflate.Options{Dedicated: true}},
}

// messages returns many JSON messages of a size, so that no two that follow each other are the same.
func messages(size int) (all [][]byte) {
	for i := range 200 {
		all = append(all, content("json", size, uint64(i)))
	}
	return all
}

func BenchmarkCompressor_Append(b *testing.B) {
	for _, size := range []int{128, 1 << 10, 16 << 10} {
		all := messages(size)
		for _, way := range benchmarked {
			b.Run(fmt.Sprintf("size=%d/%s", size, way.name), func(b *testing.B) {
				z := deflate.NewCompressor(way.dir, way.o)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				var p []byte
				var sent, n int
				for b.Loop() {
					var err error
					if p, err = z.Append(p[:0], all[n%len(all)]); err != nil {
						b.Fatal(err)
					}
					sent += len(p)
					n++
				}
				b.ReportMetric(float64(sent)/float64(n), "sent-B/op")
			})
		}
	}
}

func BenchmarkDecompressor_Append(b *testing.B) {
	for _, size := range []int{128, 1 << 10, 16 << 10} {
		all := messages(size)
		for _, way := range benchmarked {
			b.Run(fmt.Sprintf("size=%d/%s", size, way.name), func(b *testing.B) {
				z, d := deflate.NewCompressor(way.dir, way.o), deflate.NewDecompressor(way.dir)
				var compressed [][]byte
				for _, m := range all {
					p, err := z.Append(nil, m)
					if err != nil {
						b.Fatal(err)
					}
					compressed = append(compressed, p)
				}
				b.SetBytes(int64(size))
				b.ReportAllocs()
				out := make([]byte, 0, 2*size)
				n := 0
				for b.Loop() {
					if n%len(all) == 0 { // the stream begins again
						d = deflate.NewDecompressor(way.dir)
					}
					var err error
					if out, err = d.Append(out[:0], compressed[n%len(all)], -1); err != nil {
						b.Fatal(err)
					}
					n++
				}
			})
		}
	}
}

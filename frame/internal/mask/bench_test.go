package mask_test

import (
	"bytes"
	"crypto/subtle"
	"strconv"
	"testing"

	"github.com/laminar-ws/laminar/frame/internal/mask"
)

// BenchmarkXOR masks in place. impl=built is XOR as it is, impl=plain the same without the assembly, and impl=subtle the
// standard library's exclusive or of two slices, one of them the key written out to the payload's length.
func BenchmarkXOR(b *testing.B) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	sizes := []int{5, 16, 37, 64, 125, 256, 1024, 4096, 65536}
	pattern := bytes.Repeat(key[:], sizes[len(sizes)-1]/len(key))
	for _, size := range sizes {
		xor := func(p []byte) { mask.XOR(p, p, key, 1) }
		run(b, "built", size, xor)
		mask.Plain(func() { run(b, "plain", size, xor) })
		run(b, "subtle", size, func(p []byte) { subtle.XORBytes(p, p, pattern) })
	}
}

func run(b *testing.B, impl string, size int, xor func(p []byte)) {
	b.Run("impl="+impl+"/size="+strconv.Itoa(size), func(b *testing.B) {
		p := make([]byte, size)
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			xor(p)
		}
	})
}

package bufpool_test

import (
	"strconv"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
)

var sink []byte

// BenchmarkGet takes a buffer and gives it back; impl=make allocates it instead.
func BenchmarkGet(b *testing.B) {
	for _, size := range []int{64, 1 << 10, 4 << 10, 64 << 10, 1 << 20} {
		b.Run("impl=pool/size="+strconv.Itoa(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bufpool.Get(size).Release()
			}
		})
		b.Run("impl=make/size="+strconv.Itoa(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = make([]byte, 0, size)
			}
		})
	}
}

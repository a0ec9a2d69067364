//go:build race && amd64 && !purego

package mask

import (
	"runtime"
	"unsafe"
)

// annotate tells the race detector what the assembly, which it cannot see, is about to read and write. The slices are
// not empty.
func annotate(dst, src []byte) {
	runtime.RaceReadRange(unsafe.Pointer(unsafe.SliceData(src)), len(src))
	runtime.RaceWriteRange(unsafe.Pointer(unsafe.SliceData(dst)), len(dst))
}

package bufpool

import (
	"math/bits"
	"sync"
)

const (
	minShift = 6  // 64 B, the smallest class
	maxShift = 20 // 1 MiB, the largest
	minSize  = 1 << minShift
	maxSize  = 1 << maxShift

	// bigUnit is what a buffer beyond the classes is rounded up to: the page of Go's allocator, which would round up to
	// it anyway.
	bigUnit = 8 << 10
)

// pools holds released buffers by class; class c keeps arrays of minSize<<c bytes. A sync.Pool gives its content up to
// the garbage collector, so nothing here pins memory that no one has used for two collections.
var pools [maxShift - minShift + 1]sync.Pool

// classOf returns the smallest class whose arrays have n bytes or more, for 0 <= n <= maxSize.
func classOf(n int) int {
	if n <= minSize {
		return 0
	}
	return bits.Len(uint(n-1)) - minShift
}

// classSize returns the length of the arrays in class c.
func classSize(c int) int { return minSize << c }

// bigSize returns the length to allocate for n > maxSize bytes.
func bigSize(n int) int {
	if r := (n + bigUnit - 1) &^ (bigUnit - 1); r > 0 {
		return r
	}
	return n // beyond the address space: let make say so
}

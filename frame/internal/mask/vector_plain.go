//go:build !amd64 || purego

package mask

const (
	hasVector = false
	vectorMin = 0
)

// xorVector is never called where hasVector is false; the compiler removes the call.
func xorVector(dst, src []byte, k uint64) {}

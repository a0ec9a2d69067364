//go:build !purego

package mask

import (
	"math/bits"
	"unsafe"
)

// vectorMin is the shortest payload that xorVector takes, in bytes: one vector.
const vectorMin = 32

var hasVector = detectAVX2()

// xorVector sets dst[i] = src[i] ^ the byte i%8 of k for every byte of src, of which there are vectorMin or more, and as
// many of dst.
func xorVector(dst, src []byte, k uint64) {
	annotate(dst, src)
	xorAVX2(unsafe.SliceData(dst), unsafe.SliceData(src), len(src), k, bits.RotateLeft64(k, -8*len(src)))
}

// xorAVX2 sets dst[i] = src[i] ^ k for n >= 32 bytes. The last 32 of them are read before anything is written, so that
// dst may be src, and written last, over what the loops have reached; kTail is k as those 32 need it.
//
//go:noescape
func xorAVX2(dst, src *byte, n int, k, kTail uint64)

// detectAVX2 asks the processor for AVX2, and whether the operating system saves the registers that it uses.
func detectAVX2() bool {
	const (
		osxsave = 1 << 27     // leaf 1, ECX
		avx     = 1 << 28     // leaf 1, ECX
		avx2    = 1 << 5      // leaf 7, EBX
		state   = 1<<1 | 1<<2 // XMM and YMM
	)
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return false
	}
	if _, _, ecx, _ := cpuid(1, 0); ecx&osxsave == 0 || ecx&avx == 0 {
		return false
	}
	if eax, _ := xgetbv(); eax&state != state {
		return false
	}
	_, ebx, _, _ := cpuid(7, 0)
	return ebx&avx2 != 0
}

// cpuid runs the instruction of that name for a leaf and subleaf.
//
//go:noescape
func cpuid(leaf, subleaf uint32) (eax, ebx, ecx, edx uint32)

// xgetbv reads extended control register 0, the register states that the operating system saves. It needs osxsave.
//
//go:noescape
func xgetbv() (eax, edx uint32)

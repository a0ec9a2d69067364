//go:build race

package bufpool

import "bytes"

// poisonByte is what stale memory reads as in a race build: no UTF-8 sequence, and unlikely as a length.
const poisonByte = 0xDB

// poisonBlock is one page of it, the step in which arrays are filled and compared.
var poisonBlock = bytes.Repeat([]byte{poisonByte}, 4096)

// Poison overwrites p with the byte 0xDB; in builds without the race detector it does nothing. An owner that lent out a
// part of its buffer calls it when the loan ends, so that a borrower who kept the slice is caught.
func Poison(p []byte) {
	for len(p) > 0 {
		p = p[copy(p, poisonBlock):]
	}
}

// checkPoison panics if a, which lay in a pool, is not as Release left it.
func checkPoison(a []byte) {
	for len(a) > 0 {
		n := min(len(a), len(poisonBlock))
		if !bytes.Equal(a[:n], poisonBlock[:n]) {
			panic("bufpool: a buffer was written to after its Release")
		}
		a = a[n:]
	}
}

func doubleRelease() { panic("bufpool: second Release of a buffer") }

// put pools the array under a new handle: the old one stays released for ever, so a second Release panics even when the
// array has been lent again.
func put(b *Buffer) {
	pools[classOf(len(b.array))].Put(&Buffer{array: b.array, pooled: true, free: true})
	b.array = nil
}

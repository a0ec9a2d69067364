// Package bufpool lends byte buffers in size classes, powers of two from 64 B to 1 MiB, and takes them back.
//
// A [Buffer] has one owner, from [Get] to [Buffer.Release]. Between the two, the owner may append to B, reslice it or
// replace it: the handle remembers the array that it was lent, and that whole array is what goes back, never a part of
// it and never another slice.
//
//	b := bufpool.Get(len(p))
//	b.B = append(b.B, p...)
//	use(b.B)
//	b.Release() // from here on neither b nor any slice of it may be touched
//
// The pools are sync.Pools: idle memory goes back to the garbage collector. There are no counters and no limits; who
// borrows bounds what is borrowed. Contents are not cleared between owners.
//
// A program built with the race detector pays for finding the mistakes that pools invite: there, Release overwrites the
// array with the byte 0xDB, a second Release panics, and Get panics when it finds that someone wrote to an array after
// its release.
package bufpool

// A Buffer is a slice with the pooled array below it. It has one owner at a time and no locks.
//
//	array  |<--------------- a size class -------------->|
//	B          |<---- len ---->|<------- cap - len ----->|
//
// B starts empty at the array's start; the owner moves it as it likes. When append has moved B to an array of its own,
// that one is left to the garbage collector and the lent one still goes back.
//
// The zero Buffer is an empty one outside the pools: Grow gives it plain memory, and Release lets go of it.
type Buffer struct {
	// B is the content. It belongs to the owner of the Buffer until Release.
	B []byte

	array  []byte // what was lent: len is the size of the class
	pooled bool   // array is of a class, and goes back there
	free   bool   // released
}

// Get returns a buffer with len(B) == 0 and cap(B) >= n bytes. The bytes beyond len(B) are arbitrary. Beyond 1 MiB the
// buffer is allocated, rounded up to 8 KiB, and never pooled. Get panics if n is negative.
func Get(n int) *Buffer {
	if n < 0 {
		panic("bufpool: negative size")
	}
	if n > maxSize {
		a := make([]byte, bigSize(n))
		return &Buffer{B: a[:0], array: a}
	}
	c := classOf(n)
	b, _ := pools[c].Get().(*Buffer)
	if b == nil {
		b = &Buffer{array: make([]byte, classSize(c)), pooled: true}
	} else {
		b.free = false
		checkPoison(b.array)
	}
	b.B = b.array[:0]
	return b
}

// Release gives the buffer back; the owner must not touch it, nor any slice of it, again. In race builds the array is
// overwritten with 0xDB and a second Release panics. In other builds a second Release does nothing as long as the
// buffer lies in its pool; once it has been lent again it takes the buffer away from its new owner, which nothing can
// detect: releasing once is the owner's duty.
func (b *Buffer) Release() {
	if b.free {
		doubleRelease()
		return
	}
	b.B = nil
	b.free = true
	Poison(b.array)
	if b.pooled {
		put(b)
	} else {
		b.array = nil
	}
}

// Grow ensures room for n more bytes: cap(B)-len(B) >= n. Where B has less, its content moves to the start of a larger
// array and the old array goes back to its pool, so every other slice of it is stale from then on, and poisoned in race
// builds. Beyond 1 MiB the capacity grows by a quarter at least, so that repeated growth stays linear. Grow panics if n
// is negative or the buffer has been released.
func (b *Buffer) Grow(n int) {
	if b.free {
		panic("bufpool: Grow of a released buffer")
	}
	if n < 0 {
		panic("bufpool: negative size")
	}
	if n <= cap(b.B)-len(b.B) {
		return
	}
	b.move(n)
}

func (b *Buffer) move(n int) {
	need := len(b.B) + n
	if need < 0 {
		panic("bufpool: buffer too large")
	}
	if need > maxSize {
		need = max(need, len(b.array)+len(b.array)/4)
	}
	if !b.pooled && need <= maxSize {
		// A handle that came from outside the pools stays there: it may be part of a larger struct.
		a := make([]byte, classSize(classOf(need)))
		old := b.array
		b.B = a[:copy(a, b.B)]
		b.array = a
		Poison(old)
		return
	}
	nb := Get(need)
	nb.B = append(nb.B, b.B...)
	*b, *nb = *nb, *b
	nb.Release()
}

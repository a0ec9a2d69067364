package endpoint

import "github.com/laminar-ws/laminar/bufpool"

// pieceSize is the size in bytes that a piece grows to. Content of more bytes takes several pieces.
const pieceSize = 64 << 10

// Pieces gathers content whose length nobody has announced: what a compressed message is inflated to. Unlike an Assembly it never holds a second
// copy of what it has while that grows, so that a message that turns out to be over its limit has cost the limit and one piece. The zero value is empty.
type Pieces struct {
	full []*bufpool.Buffer
	last *bufpool.Buffer
	n    int // bytes in all
}

// Room returns free space, one byte at least, for the next part of the content. guess is how many bytes the content may have.
func (s *Pieces) Room(guess int) []byte {
	switch {
	case s.last == nil:
		s.last = bufpool.Get(min(max(guess, firstPart), pieceSize))
	case len(s.last.B) < cap(s.last.B):
	case cap(s.last.B) < pieceSize:
		s.last.Grow(cap(s.last.B))
	default:
		s.full = append(s.full, s.last)
		s.last = bufpool.Get(pieceSize)
	}
	return s.last.B[len(s.last.B):cap(s.last.B)]
}

// Added says that n bytes of what Room returned are now part of the content.
func (s *Pieces) Added(n int) {
	s.last.B = s.last.B[:len(s.last.B)+n]
	s.n += n
}

// Take hands a buffer with the whole content to the caller, after a first call of Room, and leaves the pieces empty.
func (s *Pieces) Take() *bufpool.Buffer {
	whole := s.last
	if len(s.full) > 0 {
		whole = bufpool.Get(s.n)
		for _, b := range append(s.full, s.last) {
			whole.B = append(whole.B, b.B...)
			b.Release()
		}
	}
	*s = Pieces{}
	return whole
}

// Drop gives all the buffers back.
func (s *Pieces) Drop() {
	for _, b := range s.full {
		b.Release()
	}
	if s.last != nil {
		s.last.Release()
	}
	*s = Pieces{}
}

package deflate

import "io"

// final ends the stream that a message's tail leaves open, so that the inflater can say that it has come to an end: an empty stored block with
// the final bit set (RFC 1951 section 3.2.4).
var final = []byte{0x01, 0x00, 0x00, 0xff, 0xff}

// The parts of an inflater's input, in order.
const (
	inPayload = iota // what came from the peer
	inTail           // what the peer has cut off
	inFinal
	spent
)

// source gives an inflater its input byte by byte: the payload, part for part, the tail and the final block.
type source struct {
	p    []byte // of the current part
	part int
	last bool                         // no payload follows p
	more func() ([]byte, bool, error) // returns the next part of the payload, where it comes in several, and whether that is the last

	out int64 // bytes inflated so far

	// The tail is the length of an empty stored block. An inflater reads a length in bulk, behind a header that it reads byte by byte; the content
	// of a stored block in bulk behind that; all else byte by byte.
	bulk  bool // the last call was Read
	taken bool // the tail was taken for something else
}

// ReadByte implements io.ByteReader.
func (s *source) ReadByte() (byte, error) {
	for len(s.p) == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	b := s.p[0]
	s.p = s.p[1:]
	s.bulk = false
	return b, nil
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	for len(s.p) == 0 {
		if len(p) == 0 {
			return 0, nil
		}
		if err := s.next(); err != nil {
			return 0, err
		}
		s.taken = s.taken || s.bulk && s.part >= inTail
	}
	n := copy(p, s.p)
	s.p = s.p[n:]
	s.bulk = true
	return n, nil
}

// next goes on to the next part.
func (s *source) next() (err error) {
	switch {
	case s.part == inPayload && !s.last:
		s.p, s.last, err = s.more()
		return err
	case s.part == inPayload:
		s.p = tail
	case s.part == inTail:
		s.p = final
		s.taken = s.taken || !s.bulk
	default:
		s.part = spent
		return io.EOF
	}
	s.part++
	return nil
}

// ended reports whether the stream that the inflater saw the end of is the whole message and nothing else: all of the input is used up, and the tail was taken
// for what it is.
func (s *source) ended() bool {
	switch {
	case s.taken || len(s.p) > 0:
		return false
	case s.part == inTail: // a sender's own final block, with the tail as its length
		return s.bulk
	}
	return s.part == inFinal
}

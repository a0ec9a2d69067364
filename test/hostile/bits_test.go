package hostile_test

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"io"
	"math/bits"
	"strings"
	"sync"
)

// unhex returns the bytes that s has in hex, with spaces anywhere.
func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// tail is what a sender cuts off the end of a compressed message (RFC 7692 section 7.2.1).
const tail = "\x00\x00\xff\xff"

// deflaters hold writers, which take a megabyte each.
var deflaters = sync.Pool{New: func() any {
	z, err := flate.NewWriter(nil, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	return z
}}

// deflated returns the payload of a compressed message with the given parts as its content, each but the last followed by a flush. The compressor is the standard
// library's, not the one under test.
func deflated(parts ...string) string {
	var b bytes.Buffer
	z := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(z)
	z.Reset(&b)
	for _, part := range parts {
		io.WriteString(z, part)
		z.Flush()
	}
	return strings.TrimSuffix(b.String(), tail)
}

// inflated returns the content of a compressed message's payload, which may refer back to window and no further. The inflater is the standard library's.
func inflated(payload, window string) (string, error) {
	r := flate.NewReaderDict(strings.NewReader(payload+tail+"\x01\x00\x00\xff\xff"), []byte(window))
	b, err := io.ReadAll(r)
	return string(b), err
}

// A blocks is a DEFLATE stream in the making, bit by bit (RFC 1951 section 3.1.1): right or wrong.
type blocks struct {
	b []byte
	n int // bits
}

// add appends the n bits of v, the least significant first.
func (s *blocks) add(v, n int) {
	for i := range n {
		if s.n%8 == 0 {
			s.b = append(s.b, 0)
		}
		s.b[s.n/8] |= byte(v>>i&1) << (s.n % 8)
		s.n++
	}
}

// code appends a Huffman code of n bits, the most significant first.
func (s *blocks) code(v, n int) {
	for i := range n {
		s.add(v>>(n-1-i)&1, 1)
	}
}

// symbol appends a literal or length symbol in the fixed code (section 3.2.6).
func (s *blocks) symbol(v int) {
	switch {
	case v < 144:
		s.code(0x30+v, 8)
	case v < 256:
		s.code(0x190+v-144, 9)
	case v < 280:
		s.code(v-256, 7)
	default:
		s.code(0xc0+v-280, 8)
	}
}

// fixed begins a block of the fixed code, and end ends it.
func (s *blocks) fixed() { s.add(0b010, 3) }
func (s *blocks) end()   { s.symbol(256) }

// match refers back: 3 to 10 bytes, from the given distance on (section 3.2.5).
func (s *blocks) match(length, distance int) {
	s.symbol(257 + length - 3)
	d := distance - 1
	if d < 4 {
		s.code(d, 5)
		return
	}
	extra := bits.Len(uint(d)) - 2
	s.code(2*(extra+1)+d>>extra&1, 5)
	s.add(d, extra)
}

// stored adds a stored block.
func (s *blocks) stored(content string) {
	s.flush()
	s.b = append(s.b, byte(len(content)), byte(len(content)>>8), ^byte(len(content)), ^byte(len(content)>>8))
	s.b = append(s.b, content...)
	s.n = 8 * len(s.b)
}

// flush adds what begins a stored block, up to the end of its first byte. Behind it, the tail is the rest of an empty one.
func (s *blocks) flush() {
	s.add(0, 3)
	s.n = 8 * len(s.b)
}

// message returns the payload of a message that ends here.
func (s *blocks) message() string {
	s.flush()
	return string(s.b)
}

// dynamic begins a block of a code of its own (section 3.2.7): counts of literal and length codes and of distance codes, and the lengths of the codes, 0 to 7, in which
// the lengths of those are to be given, by symbol.
func (s *blocks) dynamic(literals, distances int, lengths map[int]int) {
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	s.add(0b100, 3)
	s.add(literals-257, 5)
	s.add(distances-1, 5)
	s.add(len(order)-4, 4)
	for _, symbol := range order {
		s.add(lengths[symbol], 3)
	}
}

// matches adds "aaaa" in a block of a code of its own, which has one for the distance of the match only if distances is set.
func (s *blocks) matches(distances bool) {
	s.dynamic(258, 1, map[int]int{0: 2, 1: 2, 2: 2, 18: 2}) // 00, 01, 10, 11
	s.code(0b11, 2)                                         // 97 symbols that do not occur
	s.add(97-11, 7)
	s.code(0b01, 2) // 'a': 0
	s.code(0b11, 2)
	s.add(138-11, 7)
	s.code(0b11, 2)
	s.add(20-11, 7)
	s.code(0b10, 2) // 256: 10
	s.code(0b10, 2) // 257, three bytes: 11
	if distances {
		s.code(0b01, 2) // a distance of 1: 0
	} else {
		s.code(0b00, 2)
	}
	s.code(0, 1)
	s.code(0b11, 2)
	s.code(0, 1)
	s.code(0b10, 2)
}

// reference returns a compressed message of three bytes, all of them from the given distance back.
func reference(distance int) string {
	var s blocks
	s.fixed()
	s.match(3, distance)
	s.end()
	return s.message()
}

// by returns the stream that write writes.
func by(write func(s *blocks)) string {
	var s blocks
	write(&s)
	return string(s.b)
}

// bomb returns the payload of a message of n zeros or a few more, in one block, as short as DEFLATE allows: two bits for 258 of them.
func bomb(n int) string {
	var s blocks
	s.dynamic(286, 1, map[int]int{18: 1, 1: 2, 2: 2})
	s.code(0b11, 2) // symbol 0: a code of two bits, 10
	s.code(0, 1)    // 255 symbols that do not occur
	s.add(138-11, 7)
	s.code(0, 1)
	s.add(117-11, 7)
	s.code(0b11, 2) // symbol 256: 11
	s.code(0, 1)
	s.add(28-11, 7)
	s.code(0b10, 2) // symbol 285, 258 bytes: 0
	s.code(0b10, 2) // a distance of 1: 0
	s.code(0b10, 2)
	begin := s.n
	s.b = append(s.b, make([]byte, n/258/4+1)...)
	s.n = 8 * len(s.b)
	s.add(0, (s.n-begin)%2)
	s.code(0b11, 2)
	return s.message()
}

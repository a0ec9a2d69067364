package deflate_test

import (
	"errors"
	"math/bits"
)

// reference inflates in the plainest way that RFC 1951 and RFC 7692 section 7.2.2 allow, from a payload that is there as a whole, and shares nothing with the package.
type reference struct {
	in       []byte // payload and tail
	pos      int    // in bits
	out      []byte // what earlier messages have left, and the content
	start    int    // where what may be referred to begins in out
	farthest int    // the longest distance that was used
}

var errReference = errors.New("reference: malformed")

// referenceInflate returns the content of the compressed message p. history is what it may refer back to. farthest is the longest distance of its references.
func referenceInflate(history, p []byte) (content []byte, farthest int, err error) {
	r := &reference{in: append(append([]byte{}, p...), 0, 0, 0xff, 0xff), out: append([]byte{}, history...)}
	defer func() {
		if recover() != nil { // the input's end, or a table's
			err = errReference
		}
	}()
	for starts := 0; ; {
		final, stored := r.block()
		switch {
		case final:
			r.pos = (r.pos + 7) &^ 7
			if len(history) == 0 {
				r.start = len(r.out)
			}
			if r.pos < 8*len(r.in) {
				if starts++; starts > 16+(len(r.out)-len(history))/1024 {
					return nil, 0, errReference
				}
				continue
			}
			fallthrough
		case r.pos == 8*len(r.in):
			if !stored {
				return nil, 0, errReference
			}
			return r.out[len(history):], r.farthest, nil
		}
	}
}

func (r *reference) bit() int {
	b := int(r.in[r.pos/8]>>(r.pos%8)) & 1
	r.pos++
	return b
}

func (r *reference) number(n int) (v int) {
	for i := range n {
		v |= r.bit() << i
	}
	return v
}

// block takes a block. stored says that it was an empty stored one.
func (r *reference) block() (final, stored bool) {
	final = r.bit() == 1
	switch r.number(2) {
	case 0:
		r.pos = (r.pos + 7) &^ 7
		n := r.number(16)
		if r.number(16) != n^0xffff {
			panic(errReference)
		}
		for range n {
			r.out = append(r.out, byte(r.number(8)))
		}
		return final, n == 0
	case 1:
		lengths := make([]int, 288)
		for i := range lengths {
			lengths[i] = 8 + bits.Len8(uint8(i/144)) - 2*(i/256) + i/280
		}
		distances := make([]int, 32)
		for i := range distances {
			distances[i] = 5
		}
		r.codes(newCode(lengths), newCode(distances))
	case 2:
		literals, distances := r.number(5)+257, r.number(5)+1
		if literals > 286 || distances > 30 {
			panic(errReference)
		}
		first := make([]int, 19)
		for i := range r.number(4) + 4 {
			first[[]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}[i]] = r.number(3)
		}
		c := newCode(first)
		var lengths []int
		for len(lengths) < literals+distances {
			again, n := 0, 1
			switch s := r.symbol(c); s {
			case 16:
				again, n = lengths[len(lengths)-1], 3+r.number(2)
			case 17:
				n = 3 + r.number(3)
			case 18:
				n = 11 + r.number(7)
			default:
				again = s
			}
			for range n {
				lengths = append(lengths, again)
			}
		}
		if len(lengths) > literals+distances {
			panic(errReference)
		}
		r.codes(newCode(lengths[:literals]), newCode(lengths[literals:]))
	default:
		panic(errReference)
	}
	return final, false
}

// code is a Huffman code: how many symbols have a code of each length, and the symbols in the order of their codes.
type code struct {
	count   [16]int
	symbols []int
}

// newCode refuses what is no prefix code: too many codes for their lengths, or too few, unless it is one of one bit, or none.
func newCode(lengths []int) code {
	var c code
	room := 1 << 15
	for n := 1; n <= 15; n++ {
		for s, l := range lengths {
			if l == n {
				c.count[n]++
				c.symbols = append(c.symbols, s)
				room -= 1 << (15 - n)
			}
		}
	}
	if room < 0 || room > 0 && len(c.symbols) > 0 && (len(c.symbols) != 1 || c.count[1] != 1) {
		panic(errReference)
	}
	return c
}

// symbol reads bit by bit until what was read is one of the codes of its length.
func (r *reference) symbol(c code) int {
	read, first, before := 0, 0, 0 // before: symbols with shorter codes
	for _, count := range c.count[1:] {
		read = read<<1 | r.bit()
		first <<= 1
		if read-first < count {
			return c.symbols[before+read-first]
		}
		first += count
		before += count
	}
	panic(errReference)
}

func (r *reference) codes(literals, distances code) {
	for {
		s := r.symbol(literals)
		switch {
		case s < 256:
			r.out = append(r.out, byte(s))
			continue
		case s == 256:
			return
		case s > 285:
			panic(errReference)
		}
		length := 258
		if s < 265 {
			length = s - 254
		} else if s < 285 {
			extra := (s - 261) / 4
			length = 3 + (4+(s-265)%4)<<extra + r.number(extra)
		}
		d := r.symbol(distances)
		if d > 29 {
			panic(errReference)
		}
		distance := d + 1
		if d > 3 {
			extra := d/2 - 1
			distance = 1 + (2+d%2)<<extra + r.number(extra)
		}
		if distance > len(r.out)-r.start || distance > 32768 {
			panic(errReference)
		}
		r.farthest = max(r.farthest, distance)
		for range length {
			r.out = append(r.out, r.out[len(r.out)-distance])
		}
	}
}

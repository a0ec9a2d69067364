package utf8x

import "encoding/binary"

// A state is what the bytes so far leave open. Its value is the position, in bits, of its 6-bit field in a row.
type state uint8

const (
	accept  state = 6 * iota // at the start of a sequence
	need1                    // one continuation byte is missing
	need2                    // two, of any value
	afterE0                  // two, the next not below A0: overlong
	afterED                  // two, the next not above 9F: a surrogate
	need3                    // three, of any value
	afterF0                  // three, the next not below 90: overlong
	afterF4                  // three, the next not above 8F: beyond U+10FFFF
	fail                     // no way back
)

// Each byte value has a row: for each state, in the field at that state's position, the state that follows. So a step
// is one load, which does not depend on the step before, and one shift, which is all that does. A field can be left to
// higher bits untouched, because a shift count is taken modulo 64.
//
//	state = rows[b] >> state
//
// The rows name the byte ranges of RFC 3629 section 4; f^n in a field turns fail into n.
const (
	no uint64 = uint64(fail)<<accept | uint64(fail)<<need1 | uint64(fail)<<need2 | uint64(fail)<<afterE0 |
		uint64(fail)<<afterED | uint64(fail)<<need3 | uint64(fail)<<afterF0 | uint64(fail)<<afterF4 | uint64(fail)<<fail

	as = no ^ uint64(fail^accept)<<accept  // 00..7F
	l2 = no ^ uint64(fail^need1)<<accept   // C2..DF
	e0 = no ^ uint64(fail^afterE0)<<accept // E0
	l3 = no ^ uint64(fail^need2)<<accept   // E1..EC, EE, EF
	ed = no ^ uint64(fail^afterED)<<accept // ED
	f0 = no ^ uint64(fail^afterF0)<<accept // F0
	l4 = no ^ uint64(fail^need3)<<accept   // F1..F3
	f4 = no ^ uint64(fail^afterF4)<<accept // F4

	ct = no ^ uint64(fail^accept)<<need1 ^ uint64(fail^need1)<<need2 ^ uint64(fail^need2)<<need3 // any continuation
	c8 = ct ^ uint64(fail^need1)<<afterED ^ uint64(fail^need2)<<afterF4                          // 80..8F
	c9 = ct ^ uint64(fail^need1)<<afterED ^ uint64(fail^need2)<<afterF0                          // 90..9F
	ca = ct ^ uint64(fail^need1)<<afterE0 ^ uint64(fail^need2)<<afterF0                          // A0..BF
)

// rows is 2 KiB, sixteen byte values to a line.
var rows = [256]uint64{
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, // 00
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as,
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as,
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as,
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, // 40
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as,
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as,
	as, as, as, as, as, as, as, as, as, as, as, as, as, as, as, as,
	c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, c8, // 80
	c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9, c9,
	ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca,
	ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca, ca,
	no, no, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, // C0
	l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2, l2,
	e0, l3, l3, l3, l3, l3, l3, l3, l3, l3, l3, l3, l3, ed, l3, l3,
	f0, l4, l4, l4, f4, no, no, no, no, no, no, no, no, no, no, no,
}

// notASCII has the bit of each byte that ASCII leaves clear.
const notASCII = 0x8080808080808080

// run returns the state that p leads to from s.
func run(from state, p []byte) state {
	p = p[:len(p):len(p)] // reslicing is cheaper so
	s := uint64(from)
	for len(p) >= 8 {
		if s&63 == uint64(accept) && binary.LittleEndian.Uint64(p)&notASCII == 0 {
			p = p[8:]
			for len(p) > 32 && (binary.LittleEndian.Uint64(p)|binary.LittleEndian.Uint64(p[8:])|
				binary.LittleEndian.Uint64(p[16:])|binary.LittleEndian.Uint64(p[24:]))&notASCII == 0 {
				p = p[32:]
			}
			continue
		}
		b := (*[8]byte)(p)
		s = rows[b[0]] >> (s & 63)
		s = rows[b[1]] >> (s & 63)
		s = rows[b[2]] >> (s & 63)
		s = rows[b[3]] >> (s & 63)
		s = rows[b[4]] >> (s & 63)
		s = rows[b[5]] >> (s & 63)
		s = rows[b[6]] >> (s & 63)
		s = rows[b[7]] >> (s & 63)
		p = p[8:]
	}
	for _, c := range p {
		s = rows[c] >> (s & 63)
	}
	return state(s & 63)
}

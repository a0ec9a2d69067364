// Package utf8x validates UTF-8 (RFC 3629) that arrives in pieces, as a text message of RFC 6455 does: an endpoint must
// fail the connection when a message's text is not UTF-8 (section 8.1), and does best to do so at the first wrong byte.
//
// [Validator] is a finite automaton of nine states that is kept between the pieces. ASCII is skipped by words.
package utf8x

// A Validator checks one text, in pieces split anywhere. The zero value is ready. It is a single byte, holds no pointer
// and may be copied. It has no locks: one goroutine at a time.
type Validator struct {
	s state
}

// Write reports whether the text is still valid with p behind what was written before: it returns false as soon as p
// has a byte that no valid text could have there, without waiting for the rest of the sequence, and from then on until
// Reset. p is neither kept nor changed.
func (v *Validator) Write(p []byte) bool {
	v.s = run(v.s, p)
	return v.s != fail
}

// Complete reports whether the text may end here: all of it was valid, and no sequence is open.
func (v *Validator) Complete() bool { return v.s == accept }

// Reset makes v ready for the next text.
func (v *Validator) Reset() { v.s = accept }

// Valid reports whether p as a whole is valid UTF-8. p is neither kept nor changed.
func Valid(p []byte) bool { return run(accept, p) == accept }

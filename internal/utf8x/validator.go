// Package utf8x validates UTF-8 (RFC 3629) that arrives in pieces, as a text message of RFC 6455 does: an endpoint must
// fail the connection when a message's text is not UTF-8 (section 8.1), and does best to do so at the first wrong byte.
package utf8x

import (
	"encoding/binary"
	"unicode/utf8"
)

// A Validator checks one text, in pieces split anywhere. The zero value is ready; it is 4 bytes, holds no pointer, and
// may be copied.
type Validator struct {
	need   uint8 // continuation bytes that the open sequence still wants
	lo, hi uint8 // what the next of them may be, both included
	bad    bool
}

// Write reports whether the text is still valid with p behind what was written before: it returns false at the first
// byte that no valid text could have there, without waiting for the rest of its sequence, and from then on until Reset.
// p is neither kept nor changed.
func (v *Validator) Write(p []byte) bool {
	if v.bad {
		return false
	}
	i := 0
	for i < len(p) {
		c := p[i]
		if v.need > 0 {
			if c < v.lo || c > v.hi {
				v.bad = true
				return false
			}
			v.lo, v.hi = 0x80, 0xBF
			v.need--
			i++
			continue
		}
		if c < utf8.RuneSelf {
			i++
			for len(p)-i >= 8 && binary.LittleEndian.Uint64(p[i:])&0x8080808080808080 == 0 {
				i += 8
			}
			continue
		}
		if !v.open(c) {
			v.bad = true
			return false
		}
		i++
	}
	return true
}

// open starts the sequence that the lead byte c announces. The bounds of the second byte keep overlong forms,
// surrogates and code points beyond U+10FFFF out (RFC 3629 section 4).
func (v *Validator) open(c byte) bool {
	v.lo, v.hi = 0x80, 0xBF
	switch {
	case c < 0xC2:
		return false
	case c < 0xE0:
		v.need = 1
	case c < 0xF0:
		v.need = 2
		switch c {
		case 0xE0:
			v.lo = 0xA0
		case 0xED:
			v.hi = 0x9F
		}
	case c < 0xF5:
		v.need = 3
		switch c {
		case 0xF0:
			v.lo = 0x90
		case 0xF4:
			v.hi = 0x8F
		}
	default:
		return false
	}
	return true
}

// Complete reports whether the text may end here: all of it was valid, and no sequence is open.
func (v *Validator) Complete() bool { return v.need == 0 && !v.bad }

// Reset makes v ready for the next text.
func (v *Validator) Reset() { *v = Validator{} }

// Valid reports whether p as a whole is valid UTF-8. p is neither kept nor changed.
func Valid(p []byte) bool { return utf8.Valid(p) }

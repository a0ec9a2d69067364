package endpoint

// The errors that tests tell apart by identity.
var (
	ErrText         = errText
	ErrMessageLimit = errMessageLimit
)

// Cap returns how many bytes the assembly holds.
func (a *Assembly) Cap() int {
	if a.buf == nil {
		return 0
	}
	return cap(a.buf.B)
}

// Held returns how many bytes of memory s takes.
func Held(s *Pieces) (n int) {
	for _, b := range s.full {
		n += cap(b.B)
	}
	if s.last != nil {
		n += cap(s.last.B)
	}
	return n
}

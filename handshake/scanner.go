package handshake

import (
	"bytes"
	"net/http"
)

// Limits on a message head where a [HeadScanner] names no others.
const (
	// MaxHeadBytes is the default limit on a head, first line and final empty line included.
	MaxHeadBytes = 16 << 10

	// MaxHeadLines is the default limit on its field lines, the first line and the empty one not
	// counted.
	MaxHeadLines = 100
)

// HeadScanner finds the end of an HTTP message head in a buffer that grows as bytes arrive. It
// looks at each byte once, however small the pieces are. The zero value is ready, with the default
// limits; it serves one head and one goroutine at a time.
type HeadScanner struct {
	// MaxBytes is the longest head in bytes, its empty line included. 0 means MaxHeadBytes, a
	// negative value no limit but the caller's buffer.
	MaxBytes int

	// MaxLines is the largest number of field lines. 0 means MaxHeadLines, a negative value no
	// limit.
	MaxLines int

	next  int          // bytes looked at
	line  int          // where the line that next lies in began
	lines int          // lines that ended before it
	end   int          // the head's length, once known
	err   *RejectError // for ever
}

// Scan looks at the bytes of b that the last call did not see. b is what arrived so far and begins
// with the head's first byte in every call; it is neither kept nor changed. end is the length of
// the head with its empty line, 0 while that is not there yet. The error is a [*RejectError]: 431
// for a head over a limit, 414 where its first line alone is too long (RFC 6585 section 5, RFC 9110
// section 15.5.15), 400 for an empty head and for a line that ends without a CR (RFC 9112 section
// 2.2). An end and an error are the same in all later calls.
func (s *HeadScanner) Scan(b []byte) (end int, err error) {
	if s.end == 0 && s.err == nil {
		s.scan(b)
	}
	if s.err != nil {
		return 0, s.err
	}
	return s.end, nil
}

func (s *HeadScanner) scan(b []byte) {
	limit := limitOr(s.MaxBytes, MaxHeadBytes)
	full := limit >= 0 && len(b) >= limit
	if full {
		b = b[:limit]
	}
	for s.next < len(b) {
		n := bytes.IndexByte(b[s.next:], '\n')
		if n < 0 {
			s.next = len(b)
			break
		}
		lf := s.next + n
		if lf == s.line || b[lf-1] != '\r' {
			s.err = badRequest("RFC 9112 section 2.2", "a line ends without a carriage return")
			return
		}
		empty := lf == s.line+1
		s.next, s.line = lf+1, lf+1
		switch {
		case empty && s.lines == 0:
			s.err = badRequest("RFC 9112 section 2.1", "the head begins with an empty line")
			return
		case empty:
			s.end = s.next
			return
		}
		s.lines++
		if maxLines := limitOr(s.MaxLines, MaxHeadLines); maxLines >= 0 && s.lines-1 > maxLines {
			s.err = tooLarge("too many header lines")
			return
		}
	}
	switch {
	case full && s.lines == 0:
		s.err = &RejectError{
			Status:  http.StatusRequestURITooLong,
			Section: "RFC 9112 section 3", Reason: "the first line is too long",
		}
	case full:
		s.err = tooLarge("the head is too long")
	}
}

func limitOr(n, unset int) int {
	if n == 0 {
		return unset
	}
	return n
}

func tooLarge(reason string) *RejectError {
	return &RejectError{
		Status:  http.StatusRequestHeaderFieldsTooLarge,
		Section: "RFC 6585 section 5", Reason: reason,
	}
}

package client

import (
	"net/http"
	"strconv"
	"strings"
)

// MaxRefusalBody is how much of a refusing response's body a RefusedError has, in bytes.
const MaxRefusalBody = 4 << 10

// RefusedError is a handshake that the server answered in another way than the protocol demands: with another status than 101, or
// with a 101 that breaks the rules.
type RefusedError struct {
	Status int
	Header http.Header
	Body   []byte // the beginning of the body, MaxRefusalBody bytes at most
	Err    error  // what was wrong, a *handshake.RejectError with the RFC section
}

// maxErrorLine is how much of the body Error repeats, in bytes.
const maxErrorLine = 200

// Error names the status, the reason and the beginning of the body's first line.
func (e *RefusedError) Error() string {
	s := "refused with status " + strconv.Itoa(e.Status) + ": " + e.Err.Error()
	line, _, _ := strings.Cut(strings.TrimSpace(string(e.Body)), "\n")
	switch {
	case len(line) > maxErrorLine:
		s += ": " + strconv.Quote(line[:maxErrorLine]) + "..."
	case line != "":
		s += ": " + strconv.Quote(line)
	}
	return s
}

// Unwrap returns e.Err.
func (e *RefusedError) Unwrap() error { return e.Err }

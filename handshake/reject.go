package handshake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// RejectError is a handshake that failed.
//
// On a server it says what to answer: [RejectError.Append] and [RejectError.ServeHTTP] write it,
// and the connection must be closed behind it: a proxy on the way may already take it for a tunnel.
//
// On a client, [Offer.Check] gives the server's answer: Status and Header are those of the
// response, and Status is 101 where the server agreed but broke the protocol.
// [HeadScanner.ParseResponse] gives Status 0 where the response is not HTTP at all.
type RejectError struct {
	// Status is the HTTP status code to answer with, or the one the server answered with.
	Status int

	// Header has fields to answer with, such as Allow or Sec-WebSocket-Version, or the fields the
	// server answered with. It may be nil.
	Header http.Header

	// Section is the document and section that was not followed: "RFC 6455 section 4.2.1".
	Section string

	// Reason is one line for people. It holds nothing that the peer sent.
	Reason string

	// NotUpgrade tells a well-formed HTTP request that asks for no WebSocket from a broken one: a
	// server may hand it, with its head, to another HTTP handler in place of refusing it.
	NotUpgrade bool
}

// Error names the reason, the status code if there is one, and the section.
func (e *RejectError) Error() string {
	if e.Status == 0 {
		return fmt.Sprintf("handshake: %s (%s)", e.Reason, e.Section)
	}
	return fmt.Sprintf("handshake: %s (status %d, %s)", e.Reason, e.Status, e.Section)
}

// answerStatus is the status code to write. A response that is no refusal, in the error of a
// proxy's client half, is a bad gateway to the proxy's own client; so is a 304, which must not have
// a body.
func (e *RejectError) answerStatus() int {
	if e.Status < 300 || e.Status > 599 || e.Status == http.StatusNotModified {
		return http.StatusBadGateway
	}
	return e.Status
}

func (e *RejectError) body() []byte {
	b := appendClean(nil, e.Reason)
	if e.Section != "" {
		b = appendClean(append(b, " ("...), e.Section)
		b = append(b, ')')
	}
	return append(b, '\n')
}

// wantsUpgrade reports whether the refusal names the protocol to change to. Such a response needs
// the connection option (RFC 9110 section 7.8).
func (e *RejectError) wantsUpgrade() bool { return e.Header.Get("Upgrade") != "" }

// Append appends a whole HTTP/1.1 response to dst: the status, the fields of Header, "Connection:
// close" and a short body of plain text with its Content-Length. Fields that HTTP does not allow,
// by name or by value, are left out, and so are those that describe another connection or body. A
// Status that is not from 300 to 599 is written as 502.
func (e *RejectError) Append(dst []byte) []byte {
	status := e.answerStatus()
	body := e.body()
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, http.StatusText(status)...)
	dst = append(dst, "\r\nConnection: close"...)
	if e.wantsUpgrade() {
		dst = append(dst, ", Upgrade"...)
	}
	dst = append(dst, "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n"...)
	for _, name := range slices.Sorted(maps.Keys(e.Header)) {
		if !rejectOwns(name) {
			dst = appendField(dst, name, e.Header[name])
		}
	}
	dst = append(dst, "\r\n"...)
	return append(dst, body...)
}

// ServeHTTP writes the same response to w. It lets the connection be closed behind it, where
// the request's version of HTTP has that notion.
func (e *RejectError) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, values := range e.Header {
		if !rejectOwns(name) {
			setField(h, name, values)
		}
	}
	body := e.body()
	if r.ProtoMajor < 2 {
		// net/http looks for "close" in the first line alone, so Upgrade takes the second.
		h.Set("Connection", "close")
		if e.wantsUpgrade() {
			h.Add("Connection", "Upgrade")
		}
	} else {
		h.Del("Connection")
		h.Del("Upgrade")
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.answerStatus())
	w.Write(body) // a client that is gone learns nothing, and there is no one else to tell
}

// rejectOwns names the fields that the refusal itself decides, whatever Header has.
func rejectOwns(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Connection", "Content-Length", "Content-Type", "X-Content-Type-Options", "Content-Encoding",
		"Transfer-Encoding", "Trailer", "Keep-Alive", "Proxy-Connection":
		return true
	}
	return false
}

func badRequest(section, reason string) *RejectError {
	return &RejectError{Status: http.StatusBadRequest, Section: section, Reason: reason}
}

// inField says which field the error of ParseTokens or ParseExtensions is about.
func inField(name string, err error) *RejectError {
	e := err.(*RejectError)
	e.Reason = name + ": " + e.Reason
	return e
}

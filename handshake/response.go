package handshake

import (
	"io"
	"net/http"
	"strconv"
)

// ParseResponse reads the head of a server's response from the bytes of a connection, with the
// default limits. n is the length of the head. What lies behind it, b[n:], belongs to the frames if
// the status is 101 and [Offer.Check] agrees, to another response if the status is another of 1xx,
// and to a body otherwise. b is neither kept nor changed: the strings of the response share one
// copy of the head.
//
// The response has no body: Body is [http.NoBody], whatever ContentLength says, which is that of
// the header or -1. Status is the status code with its reason phrase. Header has Transfer-Encoding
// as it came.
//
// [io.ErrUnexpectedEOF] asks for more bytes; see [HeadScanner.ParseResponse] where they come in
// pieces. Any other error is a [*RejectError] with Status 0: what came is no response of HTTP/1
// (RFC 9112) or over a limit.
func ParseResponse(b []byte) (r *http.Response, n int, err error) {
	var s HeadScanner
	return s.ParseResponse(b)
}

// ParseResponse is the function of the same name for a buffer that grows, and with the limits of s.
// It must be given the same buffer from its first byte every time, and looks at each byte once
// until the head is whole. A response with a status of 1xx other than 101 is followed by another
// one, which needs a scanner of its own.
func (s *HeadScanner) ParseResponse(b []byte) (r *http.Response, n int, err error) {
	n, err = s.Scan(b)
	if err == nil && (n == 0 || n > len(b)) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	reject := s.err
	if reject == nil {
		if r, reject = parseResponse(b[:n]); reject == nil {
			return r, n, nil
		}
	}
	// The statuses of the parsers are meant for a client. This end is one.
	return nil, 0, &RejectError{Section: reject.Section, Reason: "malformed response: " + reject.Reason}
}

// parseResponse parses a head that Scan found whole.
func parseResponse(head []byte) (*http.Response, *RejectError) {
	text, first, lines, fieldErr := copyHead(head, true)
	r, err := parseStatusLine(text[:first-len("\r\n")])
	if err == nil {
		err = fieldErr
	}
	if err != nil {
		return nil, err
	}
	r.Header = parseFields(text[first:], lines)
	r.ContentLength = -1
	if v := r.Header["Content-Length"]; len(v) == 1 && isDigits(v[0]) {
		if n, err := strconv.ParseInt(v[0], 10, 64); err == nil {
			r.ContentLength = n
		}
	}
	r.Body = http.NoBody
	return r, nil
}

// parseStatusLine parses a status line without its CRLF (RFC 9112 section 4). The space before a
// reason phrase that is not there may be missing too, as it often is.
func parseStatusLine(line string) (*http.Response, *RejectError) {
	const section = "RFC 9112 section 4"
	const code = len("HTTP/1.1 ")
	if len(line) < code+3 || line[code-1] != ' ' {
		return nil, badRequest(section, "the status line is malformed")
	}
	r := &http.Response{Proto: line[:code-1], Status: line[code:]}
	var ok bool
	if r.ProtoMajor, r.ProtoMinor, ok = parseVersion(r.Proto); !ok || r.ProtoMajor != 1 {
		return nil, badRequest("RFC 9112 section 2.3", "the response is not HTTP/1")
	}
	status, reason := r.Status[:3], r.Status[3:]
	if !isDigits(status) || status[0] == '0' || reason != "" && reason[0] != ' ' || !validValue(reason) {
		return nil, badRequest(section, "the status line is malformed")
	}
	r.StatusCode = int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0')
	return r, nil
}

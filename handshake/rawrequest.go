package handshake

import (
	"io"
	"strings"
)

// ParseRequest reads the client's half of a handshake from the bytes of a connection, by the rules
// of [CheckRequest] and with the default limits. n is the length of the head, and b[n:] belongs to
// the frames. b is neither kept nor changed: the strings of the offer share one copy of the head,
// which lives as long as any of them.
//
// [io.ErrUnexpectedEOF] asks for more bytes. Where they come in pieces, [HeadScanner.ParseRequest]
// does not look at a byte twice. Any other error is a [*RejectError]: the statuses of CheckRequest,
// those of [HeadScanner.Scan], and 400 for what is not HTTP/1.1 by RFC 9112. If it has NotUpgrade
// set, n is the head's length still, and all of b may go to another HTTP server.
func ParseRequest(b []byte) (o Offer, n int, err error) {
	var s HeadScanner
	return s.ParseRequest(b)
}

// ParseRequest is the function of the same name for a buffer that grows, and with the limits of s.
// It must be given the same buffer from its first byte every time, and looks at each byte once
// until the head is whole.
func (s *HeadScanner) ParseRequest(b []byte) (o Offer, n int, err error) {
	n, err = s.Scan(b)
	switch {
	case err != nil:
		return Offer{}, 0, err
	case n == 0 || n > len(b):
		return Offer{}, 0, io.ErrUnexpectedEOF
	}
	o, reject := parseRequest(b[:n])
	if reject != nil {
		if !reject.NotUpgrade {
			n = 0
		}
		return Offer{}, n, reject
	}
	return o, n, nil
}

// parseRequest parses a head that Scan found whole.
func parseRequest(head []byte) (Offer, *RejectError) {
	text, first, lines, fieldErr := copyHead(head, false)
	r, err := parseRequestLine(text[:first-len("\r\n")])
	if err == nil {
		err = fieldErr
	}
	if err != nil {
		return Offer{}, err
	}
	r.header = parseFields(text[first:], lines)
	if host := r.header["Host"]; len(host) > 0 {
		r.host = host[0]
	}
	return check(r)
}

// parseRequestLine parses a request line without its CRLF (RFC 9112 section 3): one space between
// its three parts.
func parseRequestLine(line string) (r request, err *RejectError) {
	const section = "RFC 9112 section 3"
	method, rest, _ := strings.Cut(line, " ")
	target, version, ok := strings.Cut(rest, " ")
	if !ok || target == "" {
		return r, badRequest(section, "the request line is malformed")
	}
	if !isToken(method) {
		return r, badRequest(section, "the method is not a token")
	}
	for i := 0; i < len(target); i++ {
		if target[i] <= ' ' || target[i] >= 0x7f {
			return r, badRequest(section, "the target holds a byte that is in no URL")
		}
	}
	r.method, r.target = method, target
	if r.major, r.minor, ok = parseVersion(version); !ok {
		return r, badRequest("RFC 9112 section 2.3", "the HTTP version is malformed")
	}
	return r, nil
}

// parseVersion parses "HTTP/" DIGIT "." DIGIT (RFC 9112 section 2.3).
func parseVersion(v string) (major, minor int, ok bool) {
	if len(v) != len("HTTP/1.1") || v[:5] != "HTTP/" || v[6] != '.' || !isDigits(v[5:6]) || !isDigits(v[7:]) {
		return 0, 0, false
	}
	return int(v[5] - '0'), int(v[7] - '0'), true
}

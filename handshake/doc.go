// Package handshake is the opening handshake of the WebSocket protocol (RFC 6455 section 4) as
// values, for both roles: bytes and header fields in, bytes and header fields out. It dials
// nothing, reads nothing, hijacks nothing and knows no clock, so it serves a server on net/http, a
// server on bare connections, an event loop, a client and a proxy alike.
//
// A server turns a request into an [Offer], chooses, and writes an [Answer]:
//
//	offer, err := handshake.CheckRequest(r)            // or ParseRequest, from raw bytes
//	if err != nil {
//		err.(*handshake.RejectError).ServeHTTP(w, r) // status, fields and reason are inside
//		return
//	}
//	answer := handshake.Answer{Subprotocol: offer.SelectSubprotocol([]string{"chat"})}
//	head := answer.Append(nil, offer.Key)              // the whole 101 response
//
// A client goes the other way: it fills an Offer, sends what [Offer.Append] gives, reads the head
// of the response with [HeadScanner.ParseResponse] and lets [Offer.Check] compare it with what
// was offered. A proxy does both.
//
// # What is read
//
// HTTP/1.1 message heads (RFC 9112), bounded in bytes and lines, by hand-written parsers that are
// linear in their input. Where RFC 9112 allows a recipient to be lenient and leniency could let two
// parties disagree about where a message ends, this package refuses: a bare LF, an empty line
// before the request line, white space before a colon, a line folding in a request, two values for
// one Content-Length, a request with a body. [Offer.Host] is a host name, an IPv4 or an IPv6
// address; the percent signs and sub-delims that RFC 3986 allows in a registered name are refused.
//
// The lists of the handshake's own fields follow the grammar of RFC 6455 section 9.1 and the list
// rule of RFC 9110 section 5.6.1, empty elements included.
//
// Functions and methods keep no state and may be called from any goroutine, but for [HeadScanner],
// which serves one at a time.
//
// # What is left out
//
// WebSockets over HTTP/2 and HTTP/3 (RFC 8441, RFC 9220). Which origins are welcome is the caller's
// decision, with [ParseOrigin]; what extension parameters mean is the extension's.
package handshake

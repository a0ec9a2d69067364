package handshake

import "net/http"

// Answer is what a server agrees to: filled in by a server before [Answer.Append] or
// [Answer.SetHeader], given to a client by [Offer.Check].
type Answer struct {
	// Subprotocol is the one subprotocol in use, "" for none. A server must choose among those
	// offered, see [Offer.SelectSubprotocol].
	Subprotocol string

	// Extensions are the extensions in use, with the parameters agreed on.
	Extensions []Extension

	// Header has further fields to send, such as Set-Cookie, or all fields of a response that was
	// read. When an answer is sent, fields that the handshake decides itself are skipped: Upgrade,
	// Connection, all Sec-WebSocket fields and those that frame a body.
	Header http.Header
}

// Append appends the whole head of the 101 response that answers key, the client's
// Sec-WebSocket-Key, to dst (RFC 6455 section 4.2.2 item 5). Frames may follow it at once. What
// HTTP does not allow is left out rather than written: a field with an invalid name or value, CR,
// LF and NUL above all, a subprotocol or an extension that is not made of tokens. Header's fields
// come last, sorted by name.
func (a Answer) Append(dst []byte, key string) []byte {
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	dst = AppendAcceptKey(dst, key)
	if isToken(a.Subprotocol) {
		dst = append(dst, "\r\nSec-WebSocket-Protocol: "...)
		dst = append(dst, a.Subprotocol...)
	}
	separator := "\r\nSec-WebSocket-Extensions: "
	for _, e := range a.Extensions {
		if e.valid() {
			dst = append(dst, separator...)
			dst = e.Append(dst)
			separator = ", "
		}
	}
	dst = append(dst, "\r\n"...)
	for _, name := range extraNames(a.Header) {
		dst = appendField(dst, name, a.Header[name])
	}
	return append(dst, "\r\n"...)
}

// SetHeader sets the fields that Append writes in h, the header of a 101 response that something
// else sends: a proxy or an HTTP framework. Fields that Append skips are deleted from h first.
func (a Answer) SetHeader(h http.Header, key string) {
	var subprotocols []string
	if a.Subprotocol != "" {
		subprotocols = []string{a.Subprotocol}
	}
	setShared(h, a.Header, subprotocols, a.Extensions)
	h.Set("Sec-WebSocket-Accept", AcceptKey(key))
}

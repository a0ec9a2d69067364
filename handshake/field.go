package handshake

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// validValue reports whether v may be a field value: no control character but a tab
// (RFC 9110 section 5.5).
func validValue(v string) bool {
	for i := 0; i < len(v); i++ {
		if !valueByte(v[i]) {
			return false
		}
	}
	return true
}

func valueByte(c byte) bool { return c >= ' ' && c != 0x7f || c == '\t' }

// cleanByte makes a control character a space.
func cleanByte(c byte) byte {
	if valueByte(c) {
		return c
	}
	return ' '
}

func appendClean(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		dst = append(dst, cleanByte(s[i]))
	}
	return dst
}

// appendField appends one line for each value, and nothing for an invalid name or value.
func appendField(dst []byte, name string, values []string) []byte {
	if !isToken(name) {
		return dst
	}
	for _, v := range values {
		if validValue(v) {
			dst = append(dst, name...)
			dst = append(dst, ": "...)
			dst = append(dst, v...)
			dst = append(dst, "\r\n"...)
		}
	}
	return dst
}

// setField makes the valid ones of values the only values of name in h; none, or an
// invalid name, leaves h alone.
func setField(h http.Header, name string, values []string) {
	if !isToken(name) {
		return
	}
	var valid []string
	for _, v := range values {
		if validValue(v) {
			valid = append(valid, v)
		}
	}
	if valid != nil {
		h[http.CanonicalHeaderKey(name)] = valid
	}
}

// ownField names the fields that the handshake, or HTTP's framing of it, decides alone. Fields of
// one hop are among them (RFC 9110 section 7.6.1), since a proxy passes on what it was given.
func ownField(name string) bool {
	if hasPrefixFold(name, "Sec-WebSocket-") {
		return true
	}
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Origin", "Upgrade", "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer",
		"Transfer-Encoding", "Content-Length":
		return true
	}
	return false
}

// notOurs returns what extra fields of h are judged by: a name that is the handshake's own, or one
// that h's own Connection field names, which belongs to the hop it came from (RFC 9110 section
// 7.6.1).
func notOurs(h http.Header) func(name string) bool {
	hop := h["Connection"]
	return func(name string) bool {
		return ownField(name) || len(hop) > 0 && HasToken(hop, name)
	}
}

// extraNames returns the names of h that go out beside the handshake's own, sorted.
func extraNames(h http.Header) []string {
	if len(h) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(h)), notOurs(h))
}

// setShared deletes from h what is left of another handshake, of another hop or of a body, and sets
// what both halves of a handshake have in common.
func setShared(h http.Header, extra http.Header, subprotocols []string, extensions []Extension) {
	stale := notOurs(h)
	maps.DeleteFunc(h, func(name string, _ []string) bool { return stale(name) })
	for _, name := range extraNames(extra) {
		setField(h, name, extra[name])
	}
	h.Set("Upgrade", "websocket")
	h.Set("Connection", "Upgrade")
	tokens := slices.DeleteFunc(slices.Clone(subprotocols), func(s string) bool { return !isToken(s) })
	if len(tokens) > 0 {
		h.Set("Sec-WebSocket-Protocol", strings.Join(tokens, ", "))
	}
	valid := slices.DeleteFunc(slices.Clone(extensions), func(e Extension) bool { return !e.valid() })
	if len(valid) > 0 {
		h.Set("Sec-WebSocket-Extensions", string(appendExtensions(nil, valid)))
	}
}

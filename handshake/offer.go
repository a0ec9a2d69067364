package handshake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Version is the protocol version of RFC 6455, the only one this package speaks.
const Version = 13

const versionText = "13"

// Offer is what a client asks for: read by a server with [CheckRequest] or [ParseRequest], filled
// in by a client before [Offer.Append] or [Offer.SetHeader].
type Offer struct {
	// Target is the path and query of the request, in origin-form: "/chat?room=1".
	Target string

	// Host is the host and, where it is not the scheme's default, the port: "example.com:8080".
	Host string

	// Origin is the Origin field as it is, "" where there is none. See [ParseOrigin].
	Origin string

	// Key is the Sec-WebSocket-Key field. A client takes a fresh one from [NewKey]; a proxy
	// passes on its client's.
	Key string

	// Subprotocols are the subprotocols asked for, the client's favourite first.
	Subprotocols []string

	// Extensions are the extensions asked for, in order.
	Extensions []Extension

	// Header has all fields of a request that was read. When an offer is sent, those that the
	// handshake decides itself are skipped: Host, Origin, Upgrade, Connection, what Connection
	// names, all Sec-WebSocket fields and those that frame a body or belong to one hop.
	Header http.Header
}

// Append appends a whole GET request head to dst and returns dst as it was, with an error, where a
// part of the offer has no place in one: a target that is not in origin-form, an invalid host or
// key, a subprotocol or extension that is no token or a subprotocol that is there twice, a field
// name or value that HTTP does not allow, CR, LF and NUL above all. Header's fields come last,
// sorted by name.
func (o Offer) Append(dst []byte) ([]byte, error) {
	if err := o.valid(); err != nil {
		return dst, err
	}
	dst = append(dst, "GET "...)
	dst = append(dst, o.Target...)
	dst = append(dst, " HTTP/1.1\r\nHost: "...)
	dst = append(dst, o.Host...)
	dst = append(dst, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "+versionText+"\r\nSec-WebSocket-Key: "...)
	dst = append(dst, o.Key...)
	if o.Origin != "" {
		dst = append(dst, "\r\nOrigin: "...)
		dst = append(dst, o.Origin...)
	}
	if len(o.Subprotocols) > 0 {
		dst = append(dst, "\r\nSec-WebSocket-Protocol: "...)
		dst = append(dst, strings.Join(o.Subprotocols, ", ")...)
	}
	if len(o.Extensions) > 0 {
		dst = append(dst, "\r\nSec-WebSocket-Extensions: "...)
		dst = appendExtensions(dst, o.Extensions)
	}
	dst = append(dst, "\r\n"...)
	for _, name := range extraNames(o.Header) {
		dst = appendField(dst, name, o.Header[name])
	}
	return append(dst, "\r\n"...), nil
}

// valid says what keeps the offer from being sent.
func (o Offer) valid() error {
	if path, _, reason := splitTarget(o.Target); reason != "" || path != o.Target {
		return fmt.Errorf("handshake: offer: target %q is not in origin-form", o.Target)
	}
	if !validHost(o.Host) {
		return fmt.Errorf("handshake: offer: invalid host %q", o.Host)
	}
	if !validKey(o.Key) {
		return fmt.Errorf("handshake: offer: the key is not the base64 form of 16 bytes")
	}
	if !validValue(o.Origin) {
		return fmt.Errorf("handshake: offer: invalid origin %q", o.Origin)
	}
	for i, name := range o.Subprotocols {
		if !isToken(name) {
			return fmt.Errorf("handshake: offer: subprotocol %q is not a token", name)
		}
		if slices.Contains(o.Subprotocols[:i], name) {
			return fmt.Errorf("handshake: offer: subprotocol %q is there twice", name)
		}
	}
	for _, e := range o.Extensions {
		if !e.valid() {
			return fmt.Errorf("handshake: offer: invalid extension %q", e.String())
		}
	}
	for name, values := range o.Header {
		if !isToken(name) {
			return fmt.Errorf("handshake: offer: invalid field name %q", name)
		}
		if !slices.ContainsFunc(values, func(v string) bool { return !validValue(v) }) {
			continue
		}
		return fmt.Errorf("handshake: offer: invalid value in field %q", name)
	}
	return nil
}

// SetHeader sets the fields of the request in h, those of the handshake and those of o.Header that
// [Offer.Append] would write, for a request that something else sends: an http.Request in a client
// or a proxy. Its method, target and host are for the caller to set. What Append refuses is left
// out here. Fields that Append skips are deleted from h first, so h may be a copy of the fields a
// proxy received.
func (o Offer) SetHeader(h http.Header) {
	setShared(h, o.Header, o.Subprotocols, o.Extensions)
	h.Set("Sec-WebSocket-Version", versionText)
	if validKey(o.Key) {
		h.Set("Sec-WebSocket-Key", o.Key)
	}
	if o.Origin != "" && validValue(o.Origin) {
		h.Set("Origin", o.Origin)
	}
}

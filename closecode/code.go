// Package closecode names the status codes of a WebSocket Close frame (RFC 6455 section 7.4) and finds the one that an
// error carries.
//
// The codes are those of the IANA WebSocket Close Code Number registry, as of RFC 6455 section 11.7 and the later
// registrations 1012 to 1014. The package has no opinion about what an endpoint should do with a code: [Code.Sendable]
// says which ones may travel, and the layers above decide.
//
//	if code, ok := closecode.Of(err); ok && code.Sendable() {
//		// close the connection with it
//	}
package closecode

import "strconv"

// A Code is the status code of a Close frame (RFC 6455 section 5.5.1): an unsigned 16-bit integer, sent in network byte
// order as the first two bytes of the frame's payload. Zero is no code at all; it is never sent.
type Code uint16

// The registered codes (RFC 6455 section 7.4.1, and the IANA registry for 1012 to 1014).
const (
	NormalClosure      Code = 1000 // the purpose of the connection is fulfilled
	GoingAway          Code = 1001 // a server goes down, a browser leaves the page
	ProtocolError      Code = 1002 // the peer broke RFC 6455 or a negotiated extension
	UnsupportedData    Code = 1003 // a type of data that this endpoint cannot accept
	Reserved           Code = 1004 // has no meaning yet; never sent
	NoStatusReceived   Code = 1005 // stands for a Close frame without a code; never sent
	AbnormalClosure    Code = 1006 // stands for a connection that ended without a Close frame; never sent
	InvalidPayload     Code = 1007 // data that does not fit the message's type, such as invalid UTF-8 in a text
	PolicyViolation    Code = 1008 // a message against the endpoint's policy, when no other code fits
	MessageTooBig      Code = 1009 // a message larger than the endpoint processes
	MandatoryExtension Code = 1010 // a client misses an extension in the server's answer
	InternalError      Code = 1011 // the server met a condition it did not expect
	ServiceRestart     Code = 1012 // the service restarts; the client may reconnect
	TryAgainLater      Code = 1013 // the service is overloaded
	BadGateway         Code = 1014 // a gateway got an invalid answer from its upstream server
	TLSHandshake       Code = 1015 // stands for a TLS handshake that failed; never sent
)

var names = [...]string{
	"normal closure",
	"going away",
	"protocol error",
	"unsupported data",
	"reserved",
	"no status received",
	"abnormal closure",
	"invalid payload",
	"policy violation",
	"message too big",
	"mandatory extension",
	"internal error",
	"service restart",
	"try again later",
	"bad gateway",
	"TLS handshake",
}

// Sendable reports whether c may appear in a Close frame (RFC 6455 section 7.4): 1000 to 1003, 1007 to 1014, 3000 to
// 3999 (registered by libraries and frameworks) and 4000 to 4999 (private use). The others are below 1000, reserved for
// an API to report an end without a Close frame (1004, 1005, 1006, 1015), or not assigned; an endpoint that receives
// one of them fails the connection with [ProtocolError].
func (c Code) Sendable() bool {
	switch {
	case c >= 3000:
		return c <= 4999
	case c >= InvalidPayload:
		return c <= BadGateway
	default:
		return c >= NormalClosure && c <= UnsupportedData
	}
}

// String returns the number and, for a registered code, its name: "1002 protocol error", "4001".
func (c Code) String() string {
	n := strconv.Itoa(int(c))
	if i := int(c) - int(NormalClosure); i >= 0 && i < len(names) {
		return n + " " + names[i]
	}
	return n
}

package frame

import "github.com/laminar-ws/laminar/closecode"

// Error is a breach of the protocol: the connection it was found on must be failed with Code
// (RFC 6455 section 7.1.7).
type Error struct {
	Code    closecode.Code // what a Close frame about this error carries
	Section string         // where the rule stands, such as "RFC 6455 section 5.5"
	Msg     string         // what was wrong, in a few words
}

// Error returns the message, the close code and the section.
func (e *Error) Error() string {
	return "websocket: " + e.Msg + " (" + e.Code.String() + ", " + e.Section + ")"
}

// CloseCode returns e.Code, for closecode.Of.
func (e *Error) CloseCode() closecode.Code { return e.Code }

func protocolError(section, msg string) *Error {
	return &Error{Code: closecode.ProtocolError, Section: "RFC 6455 section " + section, Msg: msg}
}

// The breaches that this package finds. They are shared values, so that hostile input allocates nothing.
var (
	errTopBit      = protocolError("5.2", "payload length has its most significant bit set")
	errNonMinimal  = protocolError("5.2", "payload length is not in its shortest form")
	errReservedBit = protocolError("5.2", "reserved bit set without an extension that defines it")
	errRsv1Place   = &Error{Code: closecode.ProtocolError, Section: "RFC 7692 section 6", Msg: "RSV1 set on a frame that does not begin a data message"}
	errOpcode      = protocolError("5.2", "reserved opcode")
	errUnmasked    = protocolError("5.1", "frame from a client is not masked")
	errMasked      = protocolError("5.1", "frame from a server is masked")
	errControlFin  = protocolError("5.5", "control frame is fragmented")
	errControlLong = protocolError("5.5", "control frame payload is longer than 125 bytes")
	errNoMessage   = protocolError("5.4", "continuation frame without a message to continue")
	errInterleaved = protocolError("5.4", "new data frame inside a fragmented message")
	errTooLong     = &Error{Code: closecode.MessageTooBig, Section: "RFC 6455 section 10.4", Msg: "frame payload is over the limit"}
	errCloseLength = protocolError("5.5.1", "close payload of one byte")
	errCloseCode   = protocolError("7.4", "close code that must not be sent")
	errCloseReason = &Error{Code: closecode.InvalidPayload, Section: "RFC 6455 section 5.5.1", Msg: "close reason is not valid UTF-8"}
)

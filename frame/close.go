package frame

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/laminar-ws/laminar/closecode"
)

// MaxCloseReason is the longest reason that a Close frame has room for, in bytes.
const MaxCloseReason = MaxControlPayload - 2

// ParseClose reads the unmasked payload of a Close frame (RFC 6455 section 5.5.1). An empty payload has the
// code closecode.NoStatusReceived. A payload of one byte, a code that must not be sent and a reason that is not UTF-8 are each
// an *Error. The reason shares b's memory; b is not changed.
func ParseClose(b []byte) (code closecode.Code, reason []byte, err error) {
	switch len(b) {
	case 0:
		return closecode.NoStatusReceived, nil, nil
	case 1:
		return 0, nil, errCloseLength
	}
	code, reason = closecode.Code(binary.BigEndian.Uint16(b)), b[2:]
	if !code.Sendable() {
		return 0, nil, errCloseCode
	}
	if !utf8.Valid(reason) {
		return 0, nil, errCloseReason
	}
	return code, reason, nil
}

// AppendClose appends the payload of a Close frame to dst and returns the longer slice (RFC 6455 section 5.5.1).
// closecode.NoStatusReceived stands for an empty payload, as ParseClose returns it. A reason longer than MaxCloseReason
// bytes is cut after the last whole character that fits. The caller sees to it that any other code is Sendable and the
// reason valid UTF-8: neither is checked here.
func AppendClose(dst []byte, code closecode.Code, reason string) []byte {
	if code == closecode.NoStatusReceived {
		return dst
	}
	if len(reason) > MaxCloseReason {
		cut := MaxCloseReason
		for cut > 0 && !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

package frame_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

func TestError(t *testing.T) {
	for _, tt := range []struct {
		rfc  string
		err  *frame.Error
		code closecode.Code
		want string
	}{
		{"6455 5.2", frame.ErrTopBit, 1002, "websocket: payload length has its most significant bit set (1002 protocol error, RFC 6455 section 5.2)"},
		{"6455 5.2", frame.ErrNonMinimal, 1002, "websocket: payload length is not in its shortest form (1002 protocol error, RFC 6455 section 5.2)"},
		{"6455 5.2", frame.ErrReservedBit, 1002, "websocket: reserved bit set without an extension that defines it (1002 protocol error, RFC 6455 section 5.2)"},
		{"7692 6", frame.ErrRsv1Place, 1002, "websocket: RSV1 set on a frame that does not begin a data message (1002 protocol error, RFC 7692 section 6)"},
		{"6455 5.2", frame.ErrOpcode, 1002, "websocket: reserved opcode (1002 protocol error, RFC 6455 section 5.2)"},
		{"6455 5.1", frame.ErrUnmasked, 1002, "websocket: frame from a client is not masked (1002 protocol error, RFC 6455 section 5.1)"},
		{"6455 5.1", frame.ErrMasked, 1002, "websocket: frame from a server is masked (1002 protocol error, RFC 6455 section 5.1)"},
		{"6455 5.5", frame.ErrControlFin, 1002, "websocket: control frame is fragmented (1002 protocol error, RFC 6455 section 5.5)"},
		{"6455 5.5", frame.ErrControlLong, 1002, "websocket: control frame payload is longer than 125 bytes (1002 protocol error, RFC 6455 section 5.5)"},
		{"6455 5.4", frame.ErrNoMessage, 1002, "websocket: continuation frame without a message to continue (1002 protocol error, RFC 6455 section 5.4)"},
		{"6455 5.4", frame.ErrInterleaved, 1002, "websocket: new data frame inside a fragmented message (1002 protocol error, RFC 6455 section 5.4)"},
		{"6455 10.4", frame.ErrTooLong, 1009, "websocket: frame payload is over the limit (1009 message too big, RFC 6455 section 10.4)"},
		{"6455 5.5.1", frame.ErrCloseLength, 1002, "websocket: close payload of one byte (1002 protocol error, RFC 6455 section 5.5.1)"},
		{"6455 7.4", frame.ErrCloseCode, 1002, "websocket: close code that must not be sent (1002 protocol error, RFC 6455 section 7.4)"},
		{"6455 5.5.1", frame.ErrCloseReason, 1007, "websocket: close reason is not valid UTF-8 (1007 invalid payload, RFC 6455 section 5.5.1)"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("Error() = %q; want %q", got, tt.want)
		}
		if got, want := tt.err.Section, "RFC "+tt.rfc[:4]+" section "+tt.rfc[5:]; got != want {
			t.Errorf("%v: Section = %q; want %q", tt.err, got, want)
		}
		if got := tt.err.CloseCode(); got != tt.code || got != tt.err.Code || !got.Sendable() {
			t.Errorf("%v: CloseCode() = %v, Code = %v; want %v for both, and sendable", tt.err, got, tt.err.Code, tt.code)
		}
		wrapped := fmt.Errorf("reading: %w", tt.err)
		if got, ok := closecode.Of(wrapped); got != tt.code || !ok {
			t.Errorf("closecode.Of(%v) = %v, %v; want %v, true", wrapped, got, ok, tt.code)
		}
		if got, ok := errors.AsType[*frame.Error](wrapped); got != tt.err || !ok {
			t.Errorf("errors.AsType(%v) = %v, %v; want the error itself", wrapped, got, ok)
		}
	}
}

package frame_test

import (
	"math"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// Headers from a server, short to read; masked makes them a client's.
var (
	text      = frame.Header{Fin: true, Opcode: frame.Text, Length: 5}
	textBegin = frame.Header{Opcode: frame.Text, Length: 5}
	binBegin  = frame.Header{Opcode: frame.Binary, Length: 5}
	cont      = frame.Header{Opcode: frame.Continuation, Length: 5}
	contEnd   = frame.Header{Fin: true, Opcode: frame.Continuation, Length: 5}
	ping      = frame.Header{Fin: true, Opcode: frame.Ping, Length: 5}
	closing   = frame.Header{Fin: true, Opcode: frame.Close, Length: 2}
)

func masked(h frame.Header) frame.Header {
	h.Masked, h.Key = true, key
	return h
}

func rsv1(h frame.Header) frame.Header {
	h.Rsv1 = true
	return h
}

func long(h frame.Header, length int64) frame.Header {
	h.Length = length
	return h
}

// validatorTests are sequences of which all frames but the last are right; want judges the last.
var validatorTests = []struct {
	name string
	rfc  string
	v    frame.Validator
	seq  []frame.Header
	want *frame.Error
	open bool // behind the sequence
}{
	{"one frame", "6455 5.4", frame.Validator{}, []frame.Header{text}, nil, false},
	{"two messages", "6455 5.4", frame.Validator{}, []frame.Header{text, text}, nil, false},
	{"fragments", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, cont, cont, contEnd}, nil, false},
	{"fragments, not ended", "6455 5.4", frame.Validator{}, []frame.Header{binBegin, cont}, nil, true},
	{"empty fragments", "6455 5.4", frame.Validator{}, []frame.Header{long(textBegin, 0), long(cont, 0), long(contEnd, 0)}, nil, false},
	{"a message behind fragments", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, contEnd, text}, nil, false},
	{"control frames between fragments", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, ping, cont, closing, contEnd}, nil, false},
	{"control frame leaves the message open", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, ping}, nil, true},
	{"continuation of nothing", "6455 5.4", frame.Validator{}, []frame.Header{contEnd}, frame.ErrNoMessage, false},
	{"first fragment of nothing", "6455 5.4", frame.Validator{}, []frame.Header{cont}, frame.ErrNoMessage, false},
	{"continuation of an ended message", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, contEnd, contEnd}, frame.ErrNoMessage, false},
	{"continuation behind a ping", "6455 5.4", frame.Validator{}, []frame.Header{ping, contEnd}, frame.ErrNoMessage, false},
	{"text inside a message", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, text}, frame.ErrInterleaved, true},
	{"fragment inside a message", "6455 5.4", frame.Validator{}, []frame.Header{textBegin, cont, binBegin}, frame.ErrInterleaved, true},

	{"masked by a client", "6455 5.1", frame.Validator{From: frame.Client}, []frame.Header{masked(text), masked(ping)}, nil, false},
	{"not masked by a client", "6455 5.1", frame.Validator{From: frame.Client}, []frame.Header{masked(text), text}, frame.ErrUnmasked, false},
	{"control frame not masked by a client", "6455 5.1", frame.Validator{From: frame.Client}, []frame.Header{ping}, frame.ErrUnmasked, false},
	{"empty frame not masked by a client", "6455 5.1", frame.Validator{From: frame.Client}, []frame.Header{long(text, 0)}, frame.ErrUnmasked, false},
	{"masked by a server", "6455 5.1", frame.Validator{}, []frame.Header{text, masked(text)}, frame.ErrMasked, false},
	{"masked by a server with a key of zero", "6455 5.1", frame.Validator{}, []frame.Header{{Fin: true, Opcode: frame.Text, Masked: true}}, frame.ErrMasked, false},

	{"RSV1", "6455 5.2", frame.Validator{}, []frame.Header{rsv1(text)}, frame.ErrReservedBit, false},
	{"RSV1 on a ping", "6455 5.2", frame.Validator{}, []frame.Header{rsv1(ping)}, frame.ErrReservedBit, false},
	{"RSV2", "6455 5.2", frame.Validator{Rsv1: true}, []frame.Header{{Fin: true, Rsv2: true, Opcode: frame.Text}}, frame.ErrReservedBit, false},
	{"RSV3", "6455 5.2", frame.Validator{Rsv1: true}, []frame.Header{{Fin: true, Rsv3: true, Opcode: frame.Text}}, frame.ErrReservedBit, false},
	{"RSV1 negotiated", "7692 6", frame.Validator{Rsv1: true}, []frame.Header{rsv1(text), rsv1(textBegin), contEnd}, nil, false},
	{"RSV1 negotiated and not used", "7692 6", frame.Validator{Rsv1: true}, []frame.Header{rsv1(text), text}, nil, false},
	{"RSV1 negotiated, on a continuation", "7692 6", frame.Validator{Rsv1: true}, []frame.Header{rsv1(textBegin), rsv1(contEnd)}, frame.ErrRsv1Place, true},
	{"RSV1 negotiated, on a ping", "7692 6", frame.Validator{Rsv1: true}, []frame.Header{rsv1(ping)}, frame.ErrRsv1Place, false},
	{"RSV1 negotiated, on a close inside a message", "7692 6", frame.Validator{Rsv1: true}, []frame.Header{textBegin, rsv1(closing)}, frame.ErrRsv1Place, true},

	{"reserved data opcode", "6455 5.2", frame.Validator{}, []frame.Header{{Fin: true, Opcode: 3}}, frame.ErrOpcode, false},
	{"reserved data opcode inside a message", "6455 5.2", frame.Validator{}, []frame.Header{textBegin, {Fin: true, Opcode: 7}}, frame.ErrOpcode, true},
	{"reserved control opcode", "6455 5.2", frame.Validator{}, []frame.Header{{Fin: true, Opcode: 0xB}}, frame.ErrOpcode, false},
	{"opcode of more than four bits", "6455 5.2", frame.Validator{}, []frame.Header{{Fin: true, Opcode: 0x11}}, frame.ErrOpcode, false},

	{"control frame of 125 bytes", "6455 5.5", frame.Validator{}, []frame.Header{long(ping, 125)}, nil, false},
	{"control frame of 126 bytes", "6455 5.5", frame.Validator{}, []frame.Header{long(ping, 126)}, frame.ErrControlLong, false},
	{"control frame of 2^63-1 bytes", "6455 5.5", frame.Validator{MaxFrame: -1}, []frame.Header{long(closing, math.MaxInt64)}, frame.ErrControlLong, false},
	{"fragmented ping", "6455 5.5", frame.Validator{}, []frame.Header{{Opcode: frame.Ping}}, frame.ErrControlFin, false},
	{"fragmented close inside a message", "6455 5.5", frame.Validator{}, []frame.Header{textBegin, {Opcode: frame.Close}}, frame.ErrControlFin, true},

	{"no limit", "6455 10.4", frame.Validator{}, []frame.Header{long(text, math.MaxInt64)}, nil, false},
	{"negative limit is none", "6455 10.4", frame.Validator{MaxFrame: -1}, []frame.Header{long(text, math.MaxInt64)}, nil, false},
	{"at the limit", "6455 10.4", frame.Validator{MaxFrame: 10}, []frame.Header{long(textBegin, 10), long(contEnd, 10)}, nil, false},
	{"over the limit", "6455 10.4", frame.Validator{MaxFrame: 10}, []frame.Header{long(text, 11)}, frame.ErrTooLong, false},
	{"over the limit, in a continuation", "6455 10.4", frame.Validator{MaxFrame: 10}, []frame.Header{textBegin, long(contEnd, 11)}, frame.ErrTooLong, true},
	{"control frames are not under the limit", "6455 10.4", frame.Validator{MaxFrame: 10}, []frame.Header{long(ping, 125)}, nil, false},
}

func TestValidator(t *testing.T) {
	for _, tt := range validatorTests {
		t.Run(tt.name, func(t *testing.T) {
			v := tt.v
			for i, h := range tt.seq {
				err := v.Check(h)
				if i < len(tt.seq)-1 {
					if err != nil {
						t.Fatalf("RFC %s: Check of frame %d = %v; want nil", tt.rfc, i, err)
					}
					continue
				}
				if tt.want == nil && err != nil || tt.want != nil && err != error(tt.want) {
					t.Errorf("RFC %s: Check of the last frame, %+v = %v; want %v", tt.rfc, h, err, tt.want)
				}
			}
			if v.Open() != tt.open {
				t.Errorf("Open() = %v; want %v", v.Open(), tt.open)
			}
		})
	}
}

// TestValidator_value: a copy goes its own way, which Writer relies on.
func TestValidator_value(t *testing.T) {
	var v frame.Validator
	after := v
	if err := after.Check(textBegin); err != nil || !after.Open() || v.Open() {
		t.Fatalf("Check of a copy = %v, copy open %v, original open %v; want nil, true, false", err, after.Open(), v.Open())
	}
}

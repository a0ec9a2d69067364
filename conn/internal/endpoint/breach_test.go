package endpoint_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// breachTests are streams that break the protocol. late is how many bytes lie behind the one that makes it known: all the payload where the header is wrong.
var breachTests = []struct {
	name    string
	section string
	code    closecode.Code
	parts   []part
	want    []record
	late    int
}{
	{"RSV1", "RFC 6455 section 5.2", 1002, []part{{0xC1, "x"}}, nil, 1},
	{"RSV2", "RFC 6455 section 5.2", 1002, []part{{0xA2, "x"}}, nil, 1},
	{"RSV3", "RFC 6455 section 5.2", 1002, []part{{0x92, "x"}}, nil, 1},
	{"RSV1 on a continuation", "RFC 6455 section 5.2", 1002, []part{{0x01, "x"}, {0xC0, "y"}}, []record{begins(text("x"))}, 1},
	{"RSV1 on a ping", "RFC 6455 section 5.2", 1002, []part{{0xC9, "x"}}, nil, 1},
	{"RSV2 on a pong", "RFC 6455 section 5.2", 1002, []part{{0xAA, ""}}, nil, 0},
	{"RSV3 on a close", "RFC 6455 section 5.2", 1002, []part{{0x98, "\x03\xE8"}}, nil, 2},
	{"RSV behind a message", "RFC 6455 section 5.2", 1002, []part{{0x81, "x"}, {0xF1, "y"}}, []record{text("x")}, 1},

	{"fragmented ping", "RFC 6455 section 5.5", 1002, []part{{0x09, "x"}}, nil, 1},
	{"fragmented pong", "RFC 6455 section 5.5", 1002, []part{{0x0A, ""}}, nil, 0},
	{"fragmented close", "RFC 6455 section 5.5", 1002, []part{{0x08, "\x03\xE8"}}, nil, 2},
	{"long ping", "RFC 6455 section 5.5", 1002, []part{{0x89, long[:126]}}, nil, 126},
	{"long pong", "RFC 6455 section 5.5", 1002, []part{{0x8A, long[:65536]}}, nil, 65536},
	{"long close", "RFC 6455 section 5.5", 1002, []part{{0x88, "\x03\xE8" + long[:124]}}, nil, 126},

	{"continuation of nothing", "RFC 6455 section 5.4", 1002, []part{{0x80, "x"}}, nil, 1},
	{"continuation, not the last, of nothing", "RFC 6455 section 5.4", 1002, []part{{0x00, ""}}, nil, 0},
	{"continuation of a whole message", "RFC 6455 section 5.4", 1002, []part{{0x81, "x"}, {0x80, "y"}}, []record{text("x")}, 1},
	{"continuation of an ended message", "RFC 6455 section 5.4", 1002, []part{{0x02, "x"}, {0x80, "y"}, {0x00, "z"}}, []record{bin("xy")}, 1},
	{"text inside a message", "RFC 6455 section 5.4", 1002, []part{{0x01, "x"}, {0x81, "y"}}, []record{begins(text("x"))}, 1},
	{"fragment of another message", "RFC 6455 section 5.4", 1002, []part{{0x02, "x"}, {0x89, ""}, {0x02, "y"}},
		[]record{begins(bin("x")), ping("")}, 1},

	{"close of one byte", "RFC 6455 section 5.5.1", 1002, []part{{0x88, "\x03"}}, nil, 0},
	{"close with code 0", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x00\x00"}}, nil, 0},
	{"close with code 999", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x03\xE7"}}, nil, 0},
	{"close with code 1004", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x03\xEC"}}, nil, 0},
	{"close with code 1005", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x03\xED"}}, nil, 0},
	{"close with code 1006", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x03\xEElost"}}, nil, 0},
	{"close with code 1015", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x03\xF7"}}, nil, 0},
	{"close with code 2999", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x0B\xB7"}}, nil, 0},
	{"close with code 5000", "RFC 6455 section 7.4", 1002, []part{{0x88, "\x13\x88"}}, nil, 0},
	{"close whose reason is no text", "RFC 6455 section 5.5.1", 1007, []part{{0x88, "\x03\xE8caf\xE9"}}, nil, 0},
	{"close whose reason is cut off", "RFC 6455 section 5.5.1", 1007, []part{{0x88, "\x03\xE8\xE2\x82"}}, nil, 0},

	{"lone continuation byte", "RFC 6455 section 8.1", 1007, []part{{0x81, "ab\x80cd"}}, []record{begins(text("ab"))}, 2},
	{"overlong two bytes", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xC0\xAF"}}, nil, 1},
	{"overlong three bytes", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xE0\x9F\xBF"}}, []record{begins(text("\xE0"))}, 1},
	{"overlong four bytes", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xF0\x8F\xBF\xBF"}}, []record{begins(text("\xF0"))}, 2},
	{"surrogate", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xED\xA0\x80"}}, []record{begins(text("\xED"))}, 1},
	{"beyond U+10FFFF", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xF4\x90\x80\x80"}}, []record{begins(text("\xF4"))}, 2},
	{"F5", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xF5\x80\x80\x80"}}, nil, 3},
	{"character that does not go on", "RFC 6455 section 8.1", 1007, []part{{0x81, "\xE2\x82A"}}, []record{begins(text("\xE2\x82"))}, 0},
	{"character cut off by the end", "RFC 6455 section 8.1", 1007, []part{{0x81, "A\xE2\x82"}}, []record{begins(text("A\xE2"))}, 0},
	{"character cut off by an empty last fragment", "RFC 6455 section 8.1", 1007, []part{{0x01, "\xE2\x82"}, {0x80, ""}}, []record{begins(text("\xE2\x82"))}, 0},
	{"character that does not go on in the next fragment", "RFC 6455 section 8.1", 1007, []part{{0x01, "\xE2"}, {0x00, ""}, {0x00, "\x82\x41zzz"}},
		[]record{begins(text("\xE2\x82"))}, 3},
	{"wrong byte far from the end", "RFC 6455 section 8.1", 1007, []part{{0x01, "\xFF" + long[:2000]}}, nil, 2000},
	{"wrong byte behind a ping", "RFC 6455 section 8.1", 1007, []part{{0x01, "\xE2"}, {0x89, ""}, {0x80, "\xE2"}}, []record{begins(text("\xE2")), ping("")}, 0},
	{"wrong byte in a second message", "RFC 6455 section 8.1", 1007, []part{{0x82, "\xE2"}, {0x81, "\x82"}}, []record{bin("\xE2")}, 0},
}

func TestReceiver_breach(t *testing.T) {
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, tt := range breachTests {
			t.Run(from.String()+"/"+tt.name, func(t *testing.T) {
				stream := encode(from, tt.parts...)
				got, at := splitInvariant(t, noLimit(from), stream, rand.New(rand.NewPCG(2, uint64(from))))
				if d := cmp.Diff(tt.want, got.Log); d != "" {
					t.Errorf("events (-want +got):\n%s", d)
				}
				checkBreach(t, got.Err, tt.code, tt.section)
				if want := len(stream) - tt.late; at != want {
					t.Errorf("known after %d bytes; want %d", at, want)
				}
			})
		}
	}
}

func checkBreach(t *testing.T, err error, code closecode.Code, section string) {
	t.Helper()
	e, ok := errors.AsType[*frame.Error](err)
	if !ok {
		t.Fatalf("error %v; want a *frame.Error", err)
	}
	if e.Code != code || e.Section != section {
		t.Errorf("error %v; want code %d and %s", e, code, section)
	}
}

// TestReceiver_header has headers that encode would not write.
func TestReceiver_header(t *testing.T) {
	const key = "\x01\x02\x03\x04"
	for _, tt := range []struct {
		name, section string
		from          frame.Role
		stream        string
		code          closecode.Code
	}{
		{"masked by a server", "RFC 6455 section 5.1", frame.Server, "\x81\x80" + key, 1002},
		{"not masked by a client", "RFC 6455 section 5.1", frame.Client, "\x81\x01x", 1002},
		{"ping not masked by a client", "RFC 6455 section 5.1", frame.Client, "\x89\x00", 1002},
		{"125 in 16 bits", "RFC 6455 section 5.2", frame.Server, "\x82\x7E\x00\x7D", 1002},
		{"0 in 16 bits", "RFC 6455 section 5.2", frame.Client, "\x82\xFE\x00\x00" + key, 1002},
		{"65535 in 64 bits", "RFC 6455 section 5.2", frame.Server, "\x82\x7F\x00\x00\x00\x00\x00\x00\xFF\xFF", 1002},
		{"top bit", "RFC 6455 section 5.2", frame.Server, "\x82\x7F\x80\x00\x00\x00\x00\x00\x00\x00", 1002},
		{"all bits", "RFC 6455 section 5.2", frame.Client, "\x82\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF" + key, 1002},
		{"top bit on a continuation", "RFC 6455 section 5.2", frame.Server, "\x02\x01x\x80\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 1002},
		{"sum of lengths beyond 63 bits", "RFC 6455 section 10.4", frame.Server, "\x02\x01x\x80\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 1009},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := splitInvariant(t, noLimit(tt.from), []byte(tt.stream), rand.New(rand.NewPCG(3, 3)))
			checkBreach(t, got.Err, tt.code, tt.section)
		})
	}
}

// TestReceiver_reservedOpcodes: "if an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_".
func TestReceiver_reservedOpcodes(t *testing.T) {
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, op := range []byte{3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF} {
			for _, p := range []part{{0x80 | op, "x"}, {op, ""}, {0x80 | op, long[:126]}} {
				stream := encode(from, part{0x82, "a"}, p)
				got, _ := splitInvariant(t, noLimit(from), stream, rand.New(rand.NewPCG(4, uint64(op))))
				checkBreach(t, got.Err, 1002, "RFC 6455 section 5.2")
				if d := cmp.Diff([]record{bin("a")}, got.Log); d != "" {
					t.Errorf("opcode %#x: events (-want +got):\n%s", op, d)
				}
			}
		}
	}
}

// TestReceiver_unchecked: with SkipUTF8, text is what the peer says is text.
func TestReceiver_unchecked(t *testing.T) {
	cfg := noLimit(frame.Client)
	cfg.SkipUTF8 = true
	for _, tt := range breachTests {
		if tt.section != "RFC 6455 section 8.1" {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			got, _ := splitInvariant(t, cfg, encode(frame.Client, tt.parts...), rand.New(rand.NewPCG(5, 5)))
			if got.Err != nil {
				t.Errorf("error %v; want none", got.Err)
			}
		})
	}
	// A reason is checked all the same: SkipUTF8 is about messages.
	got := whole(t, cfg, encode(frame.Client, part{0x88, "\x03\xE8\xFF"}))
	checkBreach(t, got.Err, 1007, "RFC 6455 section 5.5.1")
}

// TestReceiver_firstTwoBytes gives all 2^16 first two bytes to a Receiver in each role and fragment state, and compares it with the plain reading of the RFC.
func TestReceiver_firstTwoBytes(t *testing.T) {
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, before := range [][]part{nil, {{0x01, "x"}}} {
			prefix := encode(from, before...)
			for i := range 1 << 16 {
				stream := append(prefix[:len(prefix):len(prefix)], byte(i>>8), byte(i), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
				got := whole(t, noLimit(from), stream)
				if err := agrees(noLimit(from), stream, got); err != nil {
					t.Fatal(fmt.Errorf("%v, after %q, %#x: %w", from, before, i, err))
				}
			}
		}
	}
}

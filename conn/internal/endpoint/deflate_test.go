package endpoint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// compressedReceiver returns a Receiver that has taken the first frame of a compressed message.
func compressedReceiver(t *testing.T, cfg endpoint.Config, first byte) endpoint.Receiver {
	t.Helper()
	cfg.From, cfg.Deflate = frame.Client, true
	rcv := endpoint.NewReceiver(cfg)
	ev, _, err := rcv.Next(encode(frame.Client, part{first, "\xff\xfe"})) // which is no text, and is not looked at
	if err != nil || ev.Kind != endpoint.Data || !ev.Rsv1 || !ev.First {
		t.Fatalf("got %+v, %v; want the beginning of a compressed message", ev, err)
	}
	return rcv
}

// TestReceiver_Inflated: content is held to UTF-8 and to the limit part by part (RFC 6455 sections 8.1, 10.4).
func TestReceiver_Inflated(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cfg   endpoint.Config
		first byte
		parts []string
		code  closecode.Code // 0: none
	}{
		{"text", endpoint.Config{MaxMessage: 10}, 0xC1, []string{"Hé", "llo"}, 0},
		{"a character in two parts", endpoint.Config{MaxMessage: 10}, 0xC1, []string{"H\xc3", "\xa9"}, 0},
		{"half a character", endpoint.Config{MaxMessage: 10}, 0xC1, []string{"H\xc3", ""}, closecode.InvalidPayload},
		{"no text", endpoint.Config{MaxMessage: 10}, 0xC1, []string{"H\xff", ""}, closecode.InvalidPayload},
		{"no text, not looked at", endpoint.Config{MaxMessage: 10, SkipUTF8: true}, 0xC1, []string{"H\xff", ""}, 0},
		{"binary", endpoint.Config{MaxMessage: 10}, 0xC2, []string{"H\xff", ""}, 0},
		{"at the limit", endpoint.Config{MaxMessage: 10}, 0xC2, []string{"01234", "56789"}, 0},
		{"over the limit", endpoint.Config{MaxMessage: 10}, 0xC2, []string{"01234", "56789", "0"}, closecode.MessageTooBig},
		{"no limit", endpoint.Config{MaxMessage: -1}, 0xC2, []string{strings.Repeat("x", 1<<20), "y"}, 0},
	} {
		rcv := compressedReceiver(t, tt.cfg, tt.first)
		var err error
		for i, p := range tt.parts {
			if err = rcv.Inflated([]byte(p), i == len(tt.parts)-1); err != nil {
				break
			}
		}
		if code, _ := closecode.Of(err); code != tt.code {
			t.Errorf("%s: got %v; want code %d", tt.name, err, tt.code)
		}
		if err == nil {
			continue
		}
		if again := rcv.Inflated(nil, false); again != err {
			t.Errorf("%s: got %v afterwards; want the same error", tt.name, again)
		}
		if _, _, again := rcv.Next(encode(frame.Client, part{0x82, ""})); again != err {
			t.Errorf("%s: Next: got %v afterwards; want the same error", tt.name, again)
		}
	}
}

// TestReceiver_Inflated_each: the limit is that of each message, and a plain one is looked at behind a compressed one.
func TestReceiver_Inflated_each(t *testing.T) {
	rcv := compressedReceiver(t, endpoint.Config{MaxMessage: 10}, 0xC1)
	for range 3 {
		if err := rcv.Inflated([]byte("0123456789"), true); err != nil {
			t.Fatal(err)
		}
		if op, deflated := rcv.Message(); op != frame.Text || !deflated {
			t.Errorf("Message() = %v, %v; want a compressed text", op, deflated)
		}
		if _, _, err := rcv.Next(encode(frame.Client, part{0xC1, "x"})); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := rcv.Next(encode(frame.Client, part{0x81, "\xff"}))
	if code, _ := closecode.Of(err); code != closecode.InvalidPayload {
		t.Errorf("plain text: got %v; want 1007", err)
	}
}

func TestReceiver_Malformed(t *testing.T) {
	rcv := compressedReceiver(t, endpoint.Config{MaxMessage: 10}, 0xC1)
	err := rcv.Malformed()
	if e, ok := errors.AsType[*frame.Error](err); !ok || e.Code != closecode.InvalidPayload || e.Section != "RFC 7692 section 7.2.2" {
		t.Errorf("got %v; want 1007", err)
	}
	if _, _, again := rcv.Next(nil); again != err || rcv.Malformed() != err {
		t.Errorf("got %v afterwards; want the same error", again)
	}
}

// TestReceiver_payloadLimit: a compressed payload may be a 16th and 64 bytes longer than the content may be.
func TestReceiver_payloadLimit(t *testing.T) {
	const most = 6400 + 400 + 64
	for _, tt := range []struct {
		name  string
		parts []part
		over  bool
	}{
		{"one frame", []part{{0xC2, long[:most]}}, false},
		{"one frame, one over", []part{{0xC2, long[:most+1]}}, true},
		{"fragments", []part{{0x42, long[:most-100]}, {0x80, long[:100]}}, false},
		{"fragments, one over", []part{{0x42, long[:most-100]}, {0x80, long[:101]}}, true},
		{"plain, one over", []part{{0x82, long[:6401]}}, true},
	} {
		rcv := endpoint.NewReceiver(endpoint.Config{From: frame.Client, MaxMessage: 6400, Deflate: true})
		in := encode(frame.Client, tt.parts...)
		var err error
		for len(in) > 0 && err == nil {
			var n int
			_, n, err = rcv.Next(in)
			in = in[n:]
		}
		if code, _ := closecode.Of(err); (code == closecode.MessageTooBig) != tt.over || err != nil && !tt.over {
			t.Errorf("%s: got %v; want over the limit: %v", tt.name, err, tt.over)
		}
	}
}

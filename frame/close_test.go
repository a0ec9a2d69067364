package frame_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// closeTests are payloads of Close frames.
var closeTests = []struct {
	name   string
	rfc    string
	wire   []byte
	code   closecode.Code
	reason string
	want   *frame.Error
}{
	{"no body", "6455 7.1.5", octets(""), 1005, "", nil},
	{"normal", "6455 7.4.1", octets("03e8"), 1000, "", nil},
	{"with a reason", "6455 5.5.1", octets("03e9 'going'"), 1001, "going", nil},
	{"a reason beyond ASCII", "6455 5.5.1", octets("03e8 e282ac f09f9880"), 1000, "€😀", nil},
	{"a reason with NUL and line ends", "6455 5.5.1", octets("03e8 00 0d0a"), 1000, "\x00\r\n", nil},
	{"the longest reason", "6455 5.5", octets("03e8", bytes.Repeat(octets("'a'"), 123)), 1000, strings.Repeat("a", 123), nil},
	{"private use", "6455 7.4.2", octets("1387"), 4999, "", nil},
	{"one byte", "6455 5.5.1", octets("03"), 0, "", frame.ErrCloseLength},
	{"code 0", "6455 7.4.2", octets("0000"), 0, "", frame.ErrCloseCode},
	{"code 1005", "6455 7.4.1", octets("03ed"), 0, "", frame.ErrCloseCode},
	{"code 1006 with a reason", "6455 7.4.1", octets("03ee 'lost'"), 0, "", frame.ErrCloseCode},
	{"code 65535", "6455 7.4.2", octets("ffff"), 0, "", frame.ErrCloseCode},
	{"a reason cut inside a character", "6455 5.5.1", octets("03e8 e282"), 0, "", frame.ErrCloseReason},
	{"a stray continuation byte", "6455 5.5.1", octets("03e8 'ok' 80"), 0, "", frame.ErrCloseReason},
	{"an overlong form", "3629 4", octets("03e8 c0af"), 0, "", frame.ErrCloseReason},
	{"a surrogate", "3629 3", octets("03e8 eda080"), 0, "", frame.ErrCloseReason},
	{"beyond U+10FFFF", "3629 3", octets("03e8 f4908080"), 0, "", frame.ErrCloseReason},
	{"a bad code before a bad reason", "6455 7.4", octets("03ed ff"), 0, "", frame.ErrCloseCode},
}

func TestParseClose(t *testing.T) {
	for _, tt := range closeTests {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(tt.wire)
			code, reason, err := frame.ParseClose(b)
			if tt.want == nil && err != nil || tt.want != nil && err != error(tt.want) {
				t.Errorf("RFC %s: ParseClose(%x): %v; want %v", tt.rfc, b, err, tt.want)
			}
			if code != tt.code || string(reason) != tt.reason {
				t.Errorf("RFC %s: ParseClose(%x) = %v, %q; want %v, %q", tt.rfc, b, code, reason, tt.code, tt.reason)
			}
			if !bytes.Equal(b, tt.wire) {
				t.Errorf("ParseClose changed its input to %x; want %x", b, tt.wire)
			}
			if len(reason) > 0 && &reason[0] != &b[2] {
				t.Error("the reason was copied; want it in the payload's memory")
			}
		})
	}
}

// TestParseClose_space asks for all 2^16 codes, with a reason and without; the ranges are those of RFC 6455 section 7.4
// and of the IANA registry.
func TestParseClose_space(t *testing.T) {
	for n := range math.MaxUint16 + 1 {
		ok := n >= 1000 && n <= 1014 && n != 1004 && n != 1005 && n != 1006 || n >= 3000 && n <= 4999
		for _, reason := range []string{"", "bye"} {
			b := append([]byte{byte(n / 256), byte(n % 256)}, reason...)
			code, got, err := frame.ParseClose(b)
			if ok && (int(code) != n || string(got) != reason || err != nil) {
				t.Fatalf("ParseClose(%x) = %v, %q, %v; want %d, %q, nil", b, code, got, err, n, reason)
			}
			if !ok && (code != 0 || got != nil || err != error(frame.ErrCloseCode)) {
				t.Fatalf("ParseClose(%x) = %v, %q, %v; want 0, nothing, %v", b, code, got, err, frame.ErrCloseCode)
			}
		}
	}
}

func TestAppendClose(t *testing.T) {
	for _, tt := range closeTests {
		if tt.want != nil {
			continue
		}
		for _, dst := range [][]byte{nil, octets("aabb")} {
			want := bytes.Join([][]byte{dst, tt.wire}, nil)
			if got := frame.AppendClose(dst, tt.code, tt.reason); !bytes.Equal(got, want) {
				t.Errorf("%s: AppendClose(%x, %d, %q) = %x; want %x", tt.name, dst, tt.code, tt.reason, got, want)
			}
		}
	}
}

func TestAppendClose_noStatus(t *testing.T) {
	if got, want := frame.AppendClose(octets("aa"), closecode.NoStatusReceived, "dropped"), octets("aa"); !bytes.Equal(got, want) {
		t.Errorf("AppendClose of no status with a reason = %x; want %x, a body must begin with a code", got, want)
	}
}

// TestAppendClose_longReason puts characters of every length across the end of the room there is.
func TestAppendClose_longReason(t *testing.T) {
	for _, char := range []string{"a", "é", "€", "😀"} {
		for lead := range 8 {
			for total := frame.MaxCloseReason - 6; total < frame.MaxCloseReason+200; total++ {
				reason := strings.Repeat("x", lead)
				for len(reason) < total {
					reason += char
				}
				b := frame.AppendClose(nil, closecode.GoingAway, reason)
				code, got, err := frame.ParseClose(b)
				if code != closecode.GoingAway || err != nil || len(b) > frame.MaxControlPayload {
					t.Fatalf("AppendClose of %q is %d bytes and reads as %v, %v", reason, len(b), code, err)
				}
				rest, ok := strings.CutPrefix(reason, string(got))
				if !ok {
					t.Fatalf("AppendClose of %q kept %q; want its beginning", reason, got)
				}
				if _, size := utf8.DecodeRuneInString(rest); rest != "" && len(got)+size <= frame.MaxCloseReason {
					t.Fatalf("AppendClose of %q kept %d bytes; want %d, there is room", reason, len(got), len(got)+size)
				}
			}
		}
	}
}

// TestAppendClose_notUTF8: such a reason is against the contract, and still stays within bounds.
func TestAppendClose_notUTF8(t *testing.T) {
	b := frame.AppendClose(nil, closecode.NormalClosure, strings.Repeat("\x80", 300))
	if want := octets("03e8"); !bytes.Equal(b, want) {
		t.Errorf("AppendClose of 300 continuation bytes = %x; want %x", b, want)
	}
}

package endpoint_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

const defaultMax = 1 << 20 // bytes, conn's default

// fragments is a message in n fragments of the same payload.
func fragments(n int, payload string) []part {
	parts := make([]part, n)
	for i := range parts {
		parts[i] = part{0x00, payload}
	}
	parts[0].first |= 0x02
	parts[n-1].first |= 0x80
	return parts
}

var limitTests = []struct {
	name  string
	rfc   string
	max   int64
	parts []part
	over  bool
}{
	{"one frame, exact", "6455 10.4", 5, []part{{0x81, "Hello"}}, false},
	{"one frame, one over", "6455 10.4", 4, []part{{0x81, "Hello"}}, true},
	{"nothing, of nothing", "6455 10.4", 0, []part{{0x81, ""}, {0x02, ""}, {0x80, ""}}, false},
	{"one byte, of nothing", "6455 10.4", 0, []part{{0x81, "x"}}, true},
	{"fragments, exact", "6455 10.4", 5, []part{{0x01, "Hel"}, {0x80, "lo"}}, false},
	{"fragments, one over", "6455 10.4", 4, []part{{0x01, "Hel"}, {0x80, "lo"}}, true},
	{"first fragment over", "6455 10.4", 4, []part{{0x01, "Hello"}}, true},
	{"last fragment over", "6455 10.4", 300, []part{{0x01, long[:200]}, {0x00, long[:100]}, {0x80, "x"}}, true},
	{"fragments of a large message, exact", "6455 10.4", 70000, []part{{0x01, long[:65536]}, {0x80, long[65536:]}}, false},
	{"fragments of a large message, one over", "6455 10.4", 69999, []part{{0x01, long[:65536]}, {0x80, long[65536:]}}, true},
	{"control frames are not counted", "6455 5.5", 3, []part{{0x01, "ab"}, {0x89, long[:125]}, {0x8A, long[:125]}, {0x80, "c"}, {0x89, long[:125]}}, false},
	{"each message on its own", "6455 10.4", 5, []part{{0x81, "Hello"}, {0x81, "Hello"}, {0x02, "Hel"}, {0x80, "lo"}, {0x02, "Hel"}, {0x80, "lo"}}, false},
	{"a message behind a short one", "6455 10.4", 5, []part{{0x81, "x"}, {0x81, "Hello!"}}, true},

	// What a fragment is charged.
	{"1,024 short fragments of a small limit", "6455 5.4", 2000, fragments(1024, "x"), false},
	{"1,025 short fragments of a small limit", "6455 5.4", 2000, fragments(1025, "x"), true},
	{"16,384 short fragments of the default limit", "6455 5.4", defaultMax, fragments(16384, "x"), false},
	{"16,385 short fragments of the default limit", "6455 5.4", defaultMax, fragments(16385, "x"), true},
	{"fragments of 64 bytes to the default limit", "6455 5.4", defaultMax, fragments(16384, long[:64]), false},
	{"fragments of 63 bytes", "6455 5.4", defaultMax, fragments(16385, long[:63]), true},
	{"fragments of 65 bytes", "6455 5.4", 65 * 2000, fragments(2000, long[:65]), false},
	{"20,000 empty fragments", "6455 5.4", defaultMax, fragments(20000, ""), false},
	{"20,000 empty fragments of a small limit", "6455 5.4", 1, fragments(20000, ""), false},
	{"empty fragments beside full ones", "6455 5.4", 64, append([]part{{0x02, long[:64]}}, fragments(20000, "")[1:]...), false},
	{"the charge ends with the message", "6455 5.4", defaultMax, append(fragments(16384, "x"), fragments(16384, "y")...), false},
	{"the charge ends with the message, of a small limit", "6455 5.4", 2000, append(fragments(1024, "x"), fragments(1024, "y")...), false},
	{"a whole message is no fragment", "6455 5.4", 100, []part{{0x81, "x"}, {0x82, "y"}}, false},
	{"131,000 fragments of no limit", "6455 5.4", -1, fragments(131000, "x"), false},
}

func TestReceiver_limit(t *testing.T) {
	for _, tt := range limitTests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := endpoint.Config{From: frame.Server, MaxMessage: tt.max}
			stream := encode(frame.Server, tt.parts...)
			got := whole(t, cfg, stream)
			if !tt.over && got.Err != nil {
				t.Fatalf("RFC %s: error %v; want none", tt.rfc, got.Err)
			}
			if tt.over && got.Err != endpoint.ErrMessageLimit {
				t.Fatalf("RFC %s: error %v; want %v", tt.rfc, got.Err, endpoint.ErrMessageLimit)
			}
			checkLog(t, got, tt.parts, tt.over)
			rnd := rand.New(rand.NewPCG(6, 6))
			for range 8 {
				if d := cmp.Diff(got.Log, cut(t, cfg, stream, 1+len(stream)/4, rnd).Log); d != "" {
					t.Fatalf("events of a split stream (-whole +split):\n%s", d)
				}
			}
		})
	}
}

// checkLog compares the data that was delivered with what was sent before the fault, which lies in the last part.
func checkLog(t *testing.T, got outcome, parts []part, over bool) {
	t.Helper()
	if over {
		parts = parts[:len(parts)-1]
	}
	var want, data strings.Builder
	for _, p := range parts {
		want.WriteString(p.payload)
	}
	for _, r := range got.Log {
		data.WriteString(r.Data)
	}
	if data.String() != want.String() {
		t.Errorf("%d bytes delivered; want the %d sent", data.Len(), want.Len())
	}
}

// TestReceiver_limitAtHeader: "over the limit" is known as soon as the header is there, of whatever length.
func TestReceiver_limitAtHeader(t *testing.T) {
	for _, length := range []uint64{defaultMax + 1, 1 << 30, math.MaxUint32, 1 << 32, math.MaxInt64} {
		for _, before := range []string{"", "\x01\x01x"} {
			first := byte(0x81)
			if before != "" {
				first = 0x80
			}
			head := binary.BigEndian.AppendUint64([]byte{first, 127}, length)
			stream := append([]byte(before), head...)
			got, at := bytewise(t, endpoint.Config{From: frame.Server, MaxMessage: defaultMax}, append(stream, "payload"...))
			checkBreach(t, got.Err, 1009, "RFC 6455 section 10.4")
			if at != len(stream) {
				t.Errorf("length %d: known after %d bytes; want %d, the header's end", length, at, len(stream))
			}
		}
	}
}

// TestReceiver_limitReset: an honest connection of many small messages never meets the limit.
func TestReceiver_limitReset(t *testing.T) {
	for _, max := range []int64{7, 100, defaultMax} {
		rcv := endpoint.NewReceiver(endpoint.Config{From: frame.Server, MaxMessage: max})
		small := encode(frame.Server, part{0x81, "small"})
		for i := range 20000 {
			if ev, _, err := rcv.Next(append([]byte(nil), small...)); err != nil || string(ev.Data) != "small" {
				t.Fatalf("message %d of an honest connection: %q, %v", i, ev.Data, err)
			}
		}
		pair := encode(frame.Server, part{0x01, "small"}, part{0x80, "er"})
		for i := range 20000 {
			in := append([]byte(nil), pair...)
			_, n, err := rcv.Next(in)
			if err == nil {
				_, _, err = rcv.Next(in[n:])
			}
			if err != nil {
				t.Fatalf("fragmented message %d of an honest connection: %v", i, err)
			}
		}
	}
}

// TestReceiver_unlimited: without a limit lengths are still numbers that fit.
func TestReceiver_unlimited(t *testing.T) {
	head := func(first byte, length uint64) []byte {
		return binary.BigEndian.AppendUint64([]byte{first, 127}, length)
	}
	rcv := endpoint.NewReceiver(noLimit(frame.Server))
	if ev, n, err := rcv.Next(head(0x02, math.MaxInt64)); ev.Kind != endpoint.None || n != 10 || err != nil {
		t.Fatalf("Next = %v, %d, %v; want a header of 10 bytes and nothing else", ev, n, err)
	}
	if got := rcv.Remaining(); got != math.MaxInt64 {
		t.Errorf("Remaining() = %d; want %d", got, int64(math.MaxInt64))
	}
	ev, n, err := rcv.Next([]byte(long))
	if string(ev.Data) != long || n != len(long) || err != nil || ev.Fin {
		t.Errorf("Next took %d bytes (%v); want all, as data of an unfinished message", n, err)
	}
	if got, want := rcv.Remaining(), math.MaxInt64-int64(len(long)); got != want {
		t.Errorf("Remaining() = %d; want %d", got, want)
	}
}

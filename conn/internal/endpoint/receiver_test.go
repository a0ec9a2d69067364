package endpoint_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// noLimit is the Config of tests that are about something else.
func noLimit(from frame.Role) endpoint.Config { return endpoint.Config{From: from, MaxMessage: -1} }

func text(data string) record {
	return record{Kind: endpoint.Data, Op: frame.Text, First: true, Fin: true, Data: data}
}

func bin(data string) record {
	return record{Kind: endpoint.Data, Op: frame.Binary, First: true, Fin: true, Data: data}
}

func ping(data string) record { return record{Kind: endpoint.Ping, Data: data} }
func pong(data string) record { return record{Kind: endpoint.Pong, Data: data} }

func closing(code closecode.Code, reason string) record {
	return record{Kind: endpoint.Close, Code: code, Data: reason}
}

// begins is a message whose end did not come; ends is that end behind control frames.
func begins(r record) record {
	r.Fin = false
	return r
}

func ends(r record) record {
	r.First = false
	return r
}

var long = strings.Repeat("long ", 14000) // 70,000 bytes

// receiverTests are streams without an error, each to be sent by either role.
var receiverTests = []struct {
	name  string
	rfc   string
	parts []part
	want  []record
}{
	{"nothing", "6455 5.2", nil, nil},
	{"text", "6455 5.7", []part{{0x81, "Hello"}}, []record{text("Hello")}},
	{"binary", "6455 5.6", []part{{0x82, "\x00\xFF\xC0"}}, []record{bin("\x00\xFF\xC0")}},
	{"empty", "6455 5.2", []part{{0x81, ""}, {0x82, ""}}, []record{text(""), bin("")}},
	{"16-bit length", "6455 5.2", []part{{0x82, long[:126]}, {0x82, long[:65535]}}, []record{bin(long[:126]), bin(long[:65535])}},
	{"64-bit length", "6455 5.2", []part{{0x82, long[:65536]}, {0x81, long}}, []record{bin(long[:65536]), text(long)}},
	{"two fragments", "6455 5.7", []part{{0x01, "Hel"}, {0x80, "lo"}}, []record{text("Hello")}},
	{"four fragments", "6455 5.4", []part{{0x02, "a"}, {0x00, "b"}, {0x00, "c"}, {0x80, "d"}}, []record{bin("abcd")}},
	{"empty first fragment", "6455 5.4", []part{{0x01, ""}, {0x80, "x"}}, []record{text("x")}},
	{"empty last fragment", "6455 5.4", []part{{0x01, "x"}, {0x80, ""}}, []record{text("x")}},
	{"empty fragments", "6455 5.4", []part{{0x01, ""}, {0x00, ""}, {0x00, ""}, {0x80, ""}}, []record{text("")}},
	{"a message behind fragments", "6455 5.4", []part{{0x01, "x"}, {0x80, "y"}, {0x82, "z"}}, []record{text("xy"), bin("z")}},
	{"an unfinished message", "6455 5.4", []part{{0x01, "x"}, {0x00, "y"}}, []record{begins(text("xy"))}},

	{"ping", "6455 5.7", []part{{0x89, "Hello"}}, []record{ping("Hello")}},
	{"empty ping", "6455 5.5.2", []part{{0x89, ""}, {0x89, ""}}, []record{ping(""), ping("")}},
	{"longest ping", "6455 5.5", []part{{0x89, long[:125]}}, []record{ping(long[:125])}},
	{"pong that nobody asked for", "6455 5.5.3", []part{{0x8A, "beat"}, {0x8A, ""}}, []record{pong("beat"), pong("")}},
	{"payloads of control frames kept apart", "6455 5.5", []part{{0x89, "first"}, {0x89, ""}, {0x8A, "x"}, {0x89, "2"}},
		[]record{ping("first"), ping(""), pong("x"), ping("2")}},
	{"ping between fragments", "6455 5.4", []part{{0x01, "Hel"}, {0x89, "?"}, {0x80, "lo"}},
		[]record{begins(text("Hel")), ping("?"), ends(text("lo"))}},
	{"control frames around an empty fragment", "6455 5.4", []part{{0x02, ""}, {0x89, "1"}, {0x00, ""}, {0x8A, "2"}, {0x80, ""}},
		[]record{begins(bin("")), ping("1"), begins(ends(bin(""))), pong("2"), ends(bin(""))}},
	{"ping inside a character", "6455 5.6", []part{{0x01, "\xE2\x82"}, {0x89, "\xFF"}, {0x80, "\xAC"}},
		[]record{begins(text("\xE2\x82")), ping("\xFF"), ends(text("\xAC"))}},

	{"character in four fragments", "6455 5.6", []part{{0x01, "\xF0"}, {0x00, "\x9F"}, {0x00, "\x98"}, {0x80, "\x80"}}, []record{text("😀")}},
	{"first and last characters of each length", "3629 3", []part{{0x81, "\x00\x7F\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF"}},
		[]record{text("\x00\x7F\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF")}},
	{"binary is no text", "6455 5.6", []part{{0x02, "\xFF"}, {0x80, "\xC0"}, {0x81, "€"}}, []record{bin("\xFF\xC0"), text("€")}},

	{"close without a code", "6455 7.1.5", []part{{0x88, ""}}, []record{closing(closecode.NoStatusReceived, "")}},
	{"close with a code", "6455 5.5.1", []part{{0x88, "\x03\xE8"}}, []record{closing(1000, "")}},
	{"close with a reason", "6455 5.5.1", []part{{0x88, "\x0F\xA1good-bye €"}}, []record{closing(4001, "good-bye €")}},
	{"close with the longest reason", "6455 5.5.1", []part{{0x88, "\x03\xE9" + long[:123]}}, []record{closing(1001, long[:123])}},
	{"close inside a message", "6455 5.5.1", []part{{0x01, "x"}, {0x88, "\x03\xE8"}}, []record{begins(text("x")), closing(1000, "")}},
	{"close inside a character", "6455 5.5.1", []part{{0x01, "\xE2"}, {0x88, ""}}, []record{begins(text("\xE2")), closing(closecode.NoStatusReceived, "")}},
	{"what follows a close", "6455 1.4", []part{{0x88, ""}, {0x81, "x"}, {0x89, ""}, {0x88, "\x03\xE8"}}, []record{closing(closecode.NoStatusReceived, "")}},
	{"nonsense behind a close", "6455 1.4", []part{{0x88, "\x03\xE8"}, {0xFF, "x"}, {0x80, "\xFF"}, {0x0F, "?"}}, []record{closing(1000, "")}},
}

func TestReceiver(t *testing.T) {
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, tt := range receiverTests {
			t.Run(from.String()+"/"+tt.name, func(t *testing.T) {
				got, _ := splitInvariant(t, noLimit(from), encode(from, tt.parts...), rand.New(rand.NewPCG(1, uint64(from))))
				if d := cmp.Diff(outcome{Log: tt.want}, got); d != "" {
					t.Errorf("RFC %s (-want +got):\n%s", tt.rfc, d)
				}
			})
		}
	}
}

// TestReceiver_example reads the frames of RFC 6455 section 5.7 as they stand there.
func TestReceiver_example(t *testing.T) {
	for _, tt := range []struct {
		stream string
		from   frame.Role
		want   record
	}{
		{"\x81\x05\x48\x65\x6c\x6c\x6f", frame.Server, text("Hello")},
		{"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", frame.Client, text("Hello")},
		{"\x01\x03\x48\x65\x6c\x80\x02\x6c\x6f", frame.Server, text("Hello")},
		{"\x89\x05\x48\x65\x6c\x6c\x6f", frame.Server, ping("Hello")},
		{"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", frame.Client, pong("Hello")},
		{"\x82\x7E\x01\x00" + long[:256], frame.Server, bin(long[:256])},
		{"\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00" + long[:65536], frame.Server, bin(long[:65536])},
	} {
		if d := cmp.Diff([]record{tt.want}, whole(t, noLimit(tt.from), []byte(tt.stream)).Log); d != "" {
			t.Errorf("stream % x (-want +got):\n%s", tt.stream[:min(len(tt.stream), 16)], d)
		}
	}
}

// TestReceiver_inPlace: data is handed out where it lies, unmasked there, and a control payload too if it came in one piece.
func TestReceiver_inPlace(t *testing.T) {
	stream := encode(frame.Client, part{0x81, "Hello"}, part{0x89, "ping"}, part{0x88, "\x03\xE8bye"})
	rcv := endpoint.NewReceiver(noLimit(frame.Client))
	in := stream
	for _, want := range []string{"Hello", "ping", "bye"} {
		ev, n, err := rcv.Next(in)
		if err != nil || string(ev.Data) != want {
			t.Fatalf("Next = %q, %v; want %q", ev.Data, err, want)
		}
		if &ev.Data[len(ev.Data)-1] != &in[n-1] {
			t.Errorf("%q does not lie in the input", want)
		}
		in = in[n:]
	}
}

// TestReceiver_untouched: Next changes no byte that it does not take.
func TestReceiver_untouched(t *testing.T) {
	stream := encode(frame.Client, part{0x81, "Hello"}, part{0x82, "world"})
	want := string(stream[11:])
	rcv := endpoint.NewReceiver(noLimit(frame.Client))
	if _, n, err := rcv.Next(stream); n != 11 || err != nil {
		t.Fatalf("Next = %d, %v; want 11 bytes taken", n, err)
	}
	if got := string(stream[11:]); got != want {
		t.Errorf("the rest of the input is % x; want % x", got, want)
	}
}

func TestReceiver_Remaining(t *testing.T) {
	stream := encode(frame.Client, part{0x01, "Hello"}, part{0x89, "ping"}, part{0x80, "!"})
	rcv := endpoint.NewReceiver(noLimit(frame.Client))
	var got []int64
	for _, b := range stream {
		if _, _, err := rcv.Next([]byte{b}); err != nil {
			t.Fatal(err)
		}
		got = append(got, rcv.Remaining())
	}
	want := slices.Concat(make([]int64, 5), []int64{5, 4, 3, 2, 1, 0}, make([]int64, 6+len("ping")+5), []int64{1, 0})
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("payload bytes to come, after each byte of the stream (-want +got):\n%s", d)
	}
	if op, _ := rcv.Message(); op != frame.Text {
		t.Errorf("Message() = %v; want text", op)
	}
}

func TestReceiver_Waiting(t *testing.T) {
	frames := encode(frame.Client, part{0x01, "Hello"}, part{0x89, ""}, part{0x80, long[:200]})
	boundaries := map[int]bool{11: true, 17: true, len(frames): true}
	rcv := endpoint.NewReceiver(noLimit(frame.Client))
	begin := 0 // of the frame that the receiver is in
	for at := range len(frames) {
		if boundaries[at] {
			begin = at
		}
		end := at + 1
		for !boundaries[end] {
			end++
		}
		inHeader := at > begin && at < begin+headerLen(begin)
		for n := range len(frames) - at + 1 {
			in := append([]byte(nil), frames[at:at+n]...)
			// A header that began in earlier input is not looked for again: the answer may be no.
			want := at+n >= end && !inHeader
			if got := rcv.Waiting(in); got != want {
				t.Fatalf("after %d bytes, with %d more waiting: %v; want %v", at, n, got, want)
			}
		}
		if _, _, err := rcv.Next([]byte{frames[at]}); err != nil {
			t.Fatal(err)
		}
	}
	for _, in := range []string{"", "\x81", "\x81\x7E\x00\x01", "\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x00\x00\x00"} {
		if rcv.Waiting([]byte(in)) {
			t.Errorf("%x counts as a frame", in)
		}
	}
}

// headerLen of the frames of TestReceiver_Waiting.
func headerLen(begin int) int {
	if begin == 17 {
		return 8
	}
	return 6
}

package server_test

import (
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// message sends a message, compressed if rsv1 is set, and returns the frame of the answer.
func (p *peer) message(t testing.TB, rsv1 bool, payload string) (h frame.Header, answer string) {
	t.Helper()
	h = frame.Header{Fin: true, Rsv1: rsv1, Opcode: frame.Binary, Length: int64(len(payload)), Masked: true}
	p.send(string(frame.AppendHeader(nil, h)) + payload)
	head, err := p.r.Peek(2)
	if err != nil {
		t.Fatal(err)
	}
	size := 2
	if head[1] == 126 {
		size = 4
	}
	if head, err = p.r.Peek(size); err != nil {
		t.Fatal(err)
	}
	if h, _, err = frame.ParseHeader(head); err != nil {
		t.Fatal(err)
	}
	p.r.Discard(size)
	b := make([]byte, h.Length)
	if _, err := io.ReadFull(p.r, b); err != nil {
		t.Fatal(err)
	}
	return h, string(b)
}

// echoes returns the length of a message's compressed echo, or -1 for one that is plain.
func (p *peer) echoes(t testing.TB, message string) int {
	t.Helper()
	h, answer := p.message(t, false, message)
	if h.Opcode != frame.Binary {
		t.Fatalf("got a %v frame, %q", h.Opcode, answer)
	}
	if !h.Rsv1 {
		return -1
	}
	return len(answer)
}

// inflates sends compressed messages, of which the last refers to one before, and reports whether that was understood.
func (p *peer) inflates(t testing.TB, payloads ...string) bool {
	t.Helper()
	var h frame.Header
	for _, payload := range payloads {
		var answer string
		if h, answer = p.message(t, true, payload); h.Opcode == frame.Close && !strings.HasPrefix(answer, "\x03\xef") {
			t.Fatalf("got a close frame with %q; want 1007", answer)
		}
	}
	return h.Opcode == frame.Binary
}

// noise returns n bytes that cannot be compressed, others for each seed.
func noise(n int, seed uint64) string {
	random := rand.NewPCG(seed, 1)
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint64())
	}
	return string(b)
}

// prose returns text that levels of compression differ in.
func prose() string {
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("the quick brown fox jumps over a lazy dog and some other animals that were not asked whether they liked it")
	var b strings.Builder
	for b.Len() < 10_000 {
		b.WriteString(words[random.IntN(len(words))] + " ")
	}
	return b.String()
}

// compressed returns messages as one compressor sends them, one after the other.
func compressed(t testing.TB, o deflate.Options, messages ...string) (payloads []string) {
	t.Helper()
	z := deflate.NewCompressor(deflate.Direction{ContextTakeover: o.ContextTakeover, WindowBits: 15}, o)
	for _, m := range messages {
		p, err := z.Append(nil, []byte(m))
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, string(p))
	}
	return payloads
}

func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Each field of the options shows in what the server answers and sends, and in what it takes, whatever way it was accepted in.
func TestOptions_Compression(t *testing.T) {
	const (
		alone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
		all   = "permessage-deflate"
	)
	hello, again := unhex("f2 48 cd c9 c9 07 00"), unhex("f2 00 11 00 00") // RFC 7692 section 7.2.3.2
	inContext := deflate.Options{ContextTakeover: true}
	changed := func(change func(o *deflate.Options)) deflate.Options {
		o := inContext
		change(&o)
		return o
	}
	for _, tt := range []struct {
		field         string
		without, with deflate.Options
		answers       [2]string
		shows         func(t *testing.T, p *peer) bool
	}{
		{"Level", deflate.Options{}, deflate.Options{Level: 9}, [2]string{alone, alone}, func(t *testing.T, p *peer) bool {
			return p.echoes(t, prose()) == len(compressed(t, deflate.Options{Level: 9}, prose())[0])
		}},
		{"Threshold", deflate.Options{}, deflate.Options{Threshold: 100}, [2]string{alone, alone}, func(t *testing.T, p *peer) bool {
			if p.echoes(t, noise(99, 1)) != -1 || p.echoes(t, noise(512, 1)) == -1 {
				t.Error("99 bytes are compressed, or 512 are not")
			}
			return p.echoes(t, noise(100, 1)) != -1
		}},
		{"ContextTakeover", deflate.Options{}, inContext, [2]string{alone, all}, func(t *testing.T, p *peer) bool {
			sends := p.echoes(t, noise(600, 1)) > 600 && p.echoes(t, noise(600, 1)) < 100
			if takes := p.inflates(t, hello, again); takes != sends {
				t.Errorf("what is sent refers back: %v; what is received may: %v", sends, takes)
			}
			return sends
		}},
		{"SendWindowBits", inContext, changed(func(o *deflate.Options) { o.SendWindowBits = 8 }), [2]string{all, "permessage-deflate; server_max_window_bits=8"},
			func(t *testing.T, p *peer) bool {
				first, again := p.echoes(t, noise(600, 1)), p.echoes(t, noise(600, 1))
				return first > 600 && again > 600
			}},
		{"ReceiveWindowBits", inContext, changed(func(o *deflate.Options) { o.ReceiveWindowBits = 8 }), [2]string{all, "permessage-deflate; client_max_window_bits=8"},
			func(t *testing.T, p *peer) bool {
				if !p.inflates(t, compressed(t, inContext, noise(200, 1), noise(200, 1))...) {
					t.Error("a reference 200 bytes back is not understood")
				}
				return !p.inflates(t, compressed(t, inContext, noise(600, 2), noise(600, 2))...)
			}},
		{"Dedicated", inContext, changed(func(o *deflate.Options) { o.Dedicated = true }), [2]string{all, all}, func(t *testing.T, p *peer) bool {
			p.echoes(t, noise(600, 0))
			for i := range uint64(12) { // more than a pooled compressor is primed with
				p.echoes(t, noise(600, 1+i))
			}
			return p.echoes(t, noise(600, 0)) < 100
		}},
		{"ReceiveOnly", inContext, changed(func(o *deflate.Options) { o.ReceiveOnly = true }), [2]string{all, "permessage-deflate; server_no_context_takeover"},
			func(t *testing.T, p *peer) bool {
				if !p.inflates(t, hello, again) {
					t.Error("compressed messages are not understood")
				}
				return p.echoes(t, noise(600, 1)) == -1
			}},
		{"SendOnly", inContext, changed(func(o *deflate.Options) { o.SendOnly = true }), [2]string{all, "permessage-deflate; client_no_context_takeover"},
			func(t *testing.T, p *peer) bool {
				if p.echoes(t, noise(600, 1)) == -1 || p.echoes(t, noise(600, 1)) > 100 {
					t.Error("what is sent does not refer back")
				}
				return !p.inflates(t, hello, again)
			}},
	} {
		t.Run(tt.field, func(t *testing.T) {
			for i, o := range []deflate.Options{tt.without, tt.with} {
				forEntries(t, &server.Options{Compression: &o}, func(t *testing.T, _ entry, addr string) {
					p := connect(t, addr)
					p.send(request("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"))
					if got := p.upgraded(t).Header["Sec-Websocket-Extensions"]; len(got) != 1 || got[0] != tt.answers[i] {
						t.Fatalf("%+v: got the answer %q; want %q", o, got, tt.answers[i])
					}
					if got, want := tt.shows(t, p), i == 1; got != want {
						t.Errorf("%+v: the effect of %s is there: %v; want %v", o, tt.field, got, want)
					}
				})
			}
		})
	}
}

// Without the options there is no extension, and without an offer neither; the connection is as good as any.
func TestOptions_Compression_none(t *testing.T) {
	for _, tt := range []struct {
		options *server.Options
		offer   string
	}{
		{&server.Options{}, "Sec-WebSocket-Extensions: permessage-deflate\r\n"},
		{&server.Options{Conn: conn.Options{Compression: deflate.Agreement{Active: true}}}, "Sec-WebSocket-Extensions: permessage-deflate\r\n"}, // which is overwritten
		{&server.Options{Compression: &deflate.Options{}}, ""},
		{&server.Options{Compression: &deflate.Options{}}, "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\r\n"},
	} {
		forEntries(t, tt.options, func(t *testing.T, _ entry, addr string) {
			p := connect(t, addr)
			p.send(request(tt.offer))
			if got := p.upgraded(t).Header["Sec-Websocket-Extensions"]; got != nil {
				t.Errorf("got the answer %q; want none", got)
			}
			if p.echoes(t, noise(600, 1)) != -1 {
				t.Error("the echo is compressed")
			}
			if h, answer := p.message(t, true, "\x00"); h.Opcode != frame.Close || !strings.HasPrefix(answer, "\x03\xea") {
				t.Errorf("RSV1 gets a %v frame with %q; want 1002", h.Opcode, answer)
			}
		})
	}
}

// Options that do not Validate are the server's fault: 500, for every client.
func TestOptions_Compression_invalid(t *testing.T) {
	for _, o := range []deflate.Options{
		{Level: 10}, {Level: -1}, {SendWindowBits: 7}, {SendWindowBits: 16}, {ReceiveWindowBits: 7}, {ReceiveWindowBits: 16}, {ReceiveOnly: true, SendOnly: true},
	} {
		forEntries(t, &server.Options{Compression: &o}, func(t *testing.T, _ entry, addr string) {
			for _, offer := range []string{"", "Sec-WebSocket-Extensions: permessage-deflate\r\n"} {
				p := connect(t, addr)
				p.send(request(offer))
				r := p.response(t)
				if _, err := io.ReadAll(r.Body); r.StatusCode != http.StatusInternalServerError || !r.Close || err != nil {
					t.Errorf("%+v: got %s, close: %v, %v; want a 500", o, r.Status, r.Close, err)
				}
				p.wantsEnd(t)
			}
		})
	}
}

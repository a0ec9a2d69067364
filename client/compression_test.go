package client_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// answerer is a server by hand, behind its answer.
type answerer struct {
	net.Conn
	r *bufio.Reader
}

// message sends a message, compressed if rsv1 is set, and returns the frame of the answer.
func (s *answerer) message(t testing.TB, rsv1 bool, payload string) (h frame.Header, answer string) {
	t.Helper()
	h = frame.Header{Fin: true, Rsv1: rsv1, Opcode: frame.Binary, Length: int64(len(payload))}
	io.WriteString(s, string(frame.AppendHeader(nil, h))+payload)
	head, err := s.r.Peek(2)
	if err != nil {
		t.Fatal(err)
	}
	size := 2 + 4
	if head[1]&0x7f == 126 {
		size += 2
	}
	if head, err = s.r.Peek(size); err != nil {
		t.Fatal(err)
	}
	if h, _, err = frame.ParseHeader(head); err != nil {
		t.Fatal(err)
	}
	s.r.Discard(size)
	b := make([]byte, h.Length)
	if _, err := io.ReadFull(s.r, b); err != nil {
		t.Fatal(err)
	}
	frame.Mask(b, h.Key, 0)
	return h, string(b)
}

// echoes returns the length of a message's compressed echo, or -1 for one that is plain.
func (s *answerer) echoes(t testing.TB, message string) int {
	t.Helper()
	h, answer := s.message(t, false, message)
	if h.Opcode != frame.Binary {
		t.Fatalf("got a %v frame, %q", h.Opcode, answer)
	}
	if !h.Rsv1 {
		return -1
	}
	return len(answer)
}

// inflates sends compressed messages, of which the last refers to one before, and reports whether that was understood.
func (s *answerer) inflates(t testing.TB, payloads ...string) bool {
	t.Helper()
	var h frame.Header
	for _, payload := range payloads {
		var answer string
		if h, answer = s.message(t, true, payload); h.Opcode == frame.Close && !strings.HasPrefix(answer, "\x03\xef") {
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

// dialAnswerer dials a server that gives this answer, "" for none, and runs test on the server's side of the connection, on which the client echoes. It returns what was offered.
func dialAnswerer(t *testing.T, o *deflate.Options, answer string, test func(s *answerer)) (offer string) {
	t.Helper()
	offers := make(chan string, 1)
	sides := make(chan *answerer, 1)
	tested := make(chan struct{})
	url := listen(t, func(nc net.Conn, head string) {
		offers <- field(head, "Sec-Websocket-Extensions")
		more := ""
		if answer != "" {
			more = "Sec-WebSocket-Extensions: " + answer + "\r\n"
		}
		io.WriteString(nc, accepted(head, more))
		nc.SetDeadline(time.Now().Add(20 * time.Second))
		sides <- &answerer{nc, bufio.NewReader(nc)}
		<-tested
	})
	defer close(tested)
	c, err := client.Dial(t.Context(), url, &client.Options{Compression: o})
	if err != nil {
		t.Fatal(err)
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		for {
			m, err := c.Read(context.Background())
			if err != nil || c.Write(context.Background(), m.Op, m.Data) != nil {
				return
			}
		}
	}()
	defer func() {
		c.Close()
		<-echoed
	}()
	test(<-sides)
	return <-offers
}

// Each field of the options shows in what the client offers and sends, and in what it takes.
func TestOptions_Compression(t *testing.T) {
	const (
		alone       = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"
		all         = "permessage-deflate; client_max_window_bits"
		serverAlone = "permessage-deflate; server_no_context_takeover"
		agreed      = "permessage-deflate"
	)
	hello, again := unhex("f2 48 cd c9 c9 07 00"), unhex("f2 00 11 00 00") // RFC 7692 section 7.2.3.2
	inContext := deflate.Options{ContextTakeover: true}
	changed := func(change func(o *deflate.Options)) deflate.Options {
		o := inContext
		change(&o)
		return o
	}
	type side struct {
		options       deflate.Options
		offer, answer string
	}
	for _, tt := range []struct {
		field         string
		without, with side
		shows         func(t *testing.T, s *answerer) bool
	}{
		{"Level", side{deflate.Options{}, alone, serverAlone}, side{deflate.Options{Level: 9}, alone, serverAlone}, func(t *testing.T, s *answerer) bool {
			return s.echoes(t, prose()) == len(compressed(t, deflate.Options{Level: 9}, prose())[0])
		}},
		{"Threshold", side{deflate.Options{}, alone, serverAlone}, side{deflate.Options{Threshold: 100}, alone, serverAlone}, func(t *testing.T, s *answerer) bool {
			if s.echoes(t, noise(99, 1)) != -1 || s.echoes(t, noise(512, 1)) == -1 {
				t.Error("99 bytes are compressed, or 512 are not")
			}
			return s.echoes(t, noise(100, 1)) != -1
		}},
		{"ContextTakeover", side{deflate.Options{}, alone, serverAlone}, side{inContext, all, agreed}, func(t *testing.T, s *answerer) bool {
			sends := s.echoes(t, noise(600, 1)) > 600 && s.echoes(t, noise(600, 1)) < 100
			if takes := s.inflates(t, hello, again); takes != sends {
				t.Errorf("what is sent refers back: %v; what is received may: %v", sends, takes)
			}
			return sends
		}},
		{
			"SendWindowBits", side{inContext, all, agreed},
			side{changed(func(o *deflate.Options) { o.SendWindowBits = 8 }), "permessage-deflate; client_max_window_bits=8", agreed},
			func(t *testing.T, s *answerer) bool {
				first, again := s.echoes(t, noise(600, 1)), s.echoes(t, noise(600, 1))
				return first > 600 && again > 600
			},
		},
		{
			"ReceiveWindowBits", side{inContext, all, agreed},
			side{
				changed(func(o *deflate.Options) { o.ReceiveWindowBits = 8 }),
				"permessage-deflate; server_max_window_bits=8; client_max_window_bits, permessage-deflate; server_no_context_takeover; client_max_window_bits",
				"permessage-deflate; server_max_window_bits=8",
			},
			func(t *testing.T, s *answerer) bool {
				if !s.inflates(t, compressed(t, inContext, noise(200, 1), noise(200, 1))...) {
					t.Error("a reference 200 bytes back is not understood")
				}
				return !s.inflates(t, compressed(t, inContext, noise(600, 2), noise(600, 2))...)
			},
		},
		{
			"Dedicated", side{inContext, all, agreed}, side{changed(func(o *deflate.Options) { o.Dedicated = true }), all, agreed},
			func(t *testing.T, s *answerer) bool {
				s.echoes(t, noise(600, 0))
				for i := range uint64(12) { // more than a pooled compressor is primed with
					s.echoes(t, noise(600, 1+i))
				}
				return s.echoes(t, noise(600, 0)) < 100
			},
		},
		{
			"ReceiveOnly", side{inContext, all, agreed},
			side{changed(func(o *deflate.Options) { o.ReceiveOnly = true }), "permessage-deflate; client_no_context_takeover; client_max_window_bits", agreed},
			func(t *testing.T, s *answerer) bool {
				if !s.inflates(t, hello, again) {
					t.Error("compressed messages are not understood")
				}
				return s.echoes(t, noise(600, 1)) == -1
			},
		},
		{
			"SendOnly", side{inContext, all, agreed},
			side{changed(func(o *deflate.Options) { o.SendOnly = true }), "permessage-deflate; server_no_context_takeover; client_max_window_bits", serverAlone},
			func(t *testing.T, s *answerer) bool {
				if s.echoes(t, noise(600, 1)) == -1 || s.echoes(t, noise(600, 1)) > 100 {
					t.Error("what is sent does not refer back")
				}
				return !s.inflates(t, hello, again)
			},
		},
	} {
		t.Run(tt.field, func(t *testing.T) {
			for i, side := range []side{tt.without, tt.with} {
				before := side.options
				offer := dialAnswerer(t, &side.options, side.answer, func(s *answerer) {
					if got, want := tt.shows(t, s), i == 1; got != want {
						t.Errorf("%+v: the effect of %s is there: %v; want %v", side.options, tt.field, got, want)
					}
				})
				if offer != side.offer || side.options != before {
					t.Errorf("%+v: got the offer %q and %+v; want %q", before, offer, side.options, side.offer)
				}
			}
		})
	}
}

// Without the options there is no offer, and without an answer no compression; the connection is as good as any.
func TestOptions_Compression_none(t *testing.T) {
	for _, o := range []*deflate.Options{nil, {ContextTakeover: true, Threshold: -1}} {
		offer := dialAnswerer(t, o, "", func(s *answerer) {
			if s.echoes(t, noise(600, 1)) != -1 {
				t.Error("the echo is compressed")
			}
			if h, answer := s.message(t, true, "\x00"); h.Opcode != frame.Close || !strings.HasPrefix(answer, "\x03\xea") {
				t.Errorf("RSV1 gets a %v frame with %q; want 1002", h.Opcode, answer)
			}
		})
		if (offer == "") != (o == nil) {
			t.Errorf("%+v: got the offer %q", o, offer)
		}
	}
}

// What Options.Conn says of compression is overwritten: only what was agreed on counts.
func TestOptions_Compression_notByConn(t *testing.T) {
	url := listen(t, func(nc net.Conn, head string) {
		io.WriteString(nc, accepted(head, ""))
		drain(nc)
	})
	c, err := client.Dial(t.Context(), url, &client.Options{Conn: conn.Options{Compression: deflate.Agreement{Active: true}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if p, ok := c.Compression(); ok {
		t.Errorf("got %+v; want none", p)
	}
}

// Options that do not Validate are an error before anything is dialed, and the error says what is wrong.
func TestOptions_Compression_invalid(t *testing.T) {
	for _, tt := range []struct {
		options deflate.Options
		field   string
	}{
		{deflate.Options{Level: 10}, "Level"},
		{deflate.Options{Level: -1}, "Level"},
		{deflate.Options{SendWindowBits: 7}, "SendWindowBits"},
		{deflate.Options{SendWindowBits: 16}, "SendWindowBits"},
		{deflate.Options{ReceiveWindowBits: 7}, "ReceiveWindowBits"},
		{deflate.Options{ReceiveWindowBits: 16}, "ReceiveWindowBits"},
		{deflate.Options{ReceiveOnly: true, SendOnly: true}, "SendOnly"},
	} {
		err := dialFails(t, "ws://h/", &client.Options{Compression: &tt.options, NetDial: func(context.Context, string, string) (net.Conn, error) {
			t.Errorf("%+v: a connection was opened", tt.options)
			return nil, errors.ErrUnsupported
		}})
		if !strings.Contains(err.Error(), tt.field) {
			t.Errorf("%+v: got %v; want an error about %s", tt.options, err, tt.field)
		}
	}
}

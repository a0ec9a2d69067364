package hostile_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
)

// answered dials with these options, answers with the given lines of Sec-WebSocket-Extensions and a message behind them, and returns the server's side, what was
// offered, and what Dial returns.
func answered(t *testing.T, o *deflate.Options, lines []string) (p *attacker, offered []string, c *conn.Conn, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialed := make(chan error, 1)
	go func() {
		var err error
		c, err = client.Dial(context.Background(), "ws://"+l.Addr().String()+"/", &client.Options{Compression: o})
		dialed <- err
	}()
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p = attach(t, nc)
	r, err := http.ReadRequest(p.r)
	if err != nil {
		t.Fatal(err)
	}
	response := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		handshake.AcceptKey(r.Header.Get("Sec-Websocket-Key")) + "\r\n"
	for _, line := range lines {
		response += extensions(line).field()
	}
	p.send(response + "\r\n" + p.wire.frame(0x81, "behind"))
	err = <-dialed
	return p, r.Header["Sec-Websocket-Extensions"], c, err
}

// Answers that a client refuses: what was not offered, what was offered and is not answered, what is malformed (RFC 7692 sections 5.1, 7 and 7.1). No frame is sent, and none read.
func TestClientHandshake_compression(t *testing.T) {
	const any7692 = "RFC 7692 section 7.1"
	for _, tt := range []struct {
		name    string
		options *deflate.Options
		lines   []string
		section string // of the error
		reason  string // in its text: the section that says so in detail
	}{
		{"not offered at all", nil, []string{deflateAll}, "RFC 6455 section 4.1", ""},
		{"another one", &inContext, []string{"permessage-bzip2"}, "RFC 6455 section 4.1", ""},
		{"another one beside it", &inContext, []string{"permessage-deflate, x"}, "RFC 6455 section 4.1", ""},
		{"twice", &inContext, []string{"permessage-deflate, permessage-deflate"}, "RFC 6455 section 9.1", ""},
		{"two alternatives", &narrow, []string{"permessage-deflate; server_no_context_takeover, permessage-deflate; server_max_window_bits=9"}, "RFC 6455 section 9.1", ""},
		{"on two lines", &inContext, []string{deflateAll, deflateAll}, "RFC 6455 section 11.3.2", ""},
		{"an empty list", &inContext, []string{","}, "RFC 6455 section 9.1", ""},
		{"no list", &inContext, []string{"permessage-deflate;"}, "RFC 6455 section 9.1", ""},
		{"an empty value", &inContext, []string{"permessage-deflate; server_max_window_bits="}, "RFC 6455 section 9.1", ""},
		{"an empty quoted value", &inContext, []string{`permessage-deflate; server_max_window_bits=""`}, "RFC 6455 section 9.1", ""},

		{"unknown parameter", &inContext, []string{"permessage-deflate; x"}, any7692, "section 7.1)"},
		{"unknown parameter with a value", &inContext, []string{"permessage-deflate; server_max_window_bits=10; mem_level=9"}, any7692, "section 7.1)"},
		{"duplicate", &inContext, []string{"permessage-deflate; client_no_context_takeover; client_no_context_takeover"}, any7692, "section 7)"},
		{"duplicate with another value", &inContext, []string{"permessage-deflate; server_max_window_bits=10; server_max_window_bits=11"}, any7692, "section 7)"},
		{"duplicate with the same value", &inContext, []string{"permessage-deflate; client_max_window_bits=10; client_max_window_bits=10"}, any7692, "section 7)"},
		{"a value where there is none", &inContext, []string{"permessage-deflate; server_no_context_takeover=1"}, any7692, "section 7.1.1.1)"},
		{"a value where there is none", &inContext, []string{"permessage-deflate; client_no_context_takeover=1"}, any7692, "section 7.1.1.2)"},
		{"server_max_window_bits without a value", &inContext, []string{"permessage-deflate; server_max_window_bits"}, any7692, "section 7.1.2.1)"},
		{"client_max_window_bits without a value, which is for offers", &inContext, []string{"permessage-deflate; client_max_window_bits"}, any7692, "section 7.1.2.2)"},

		{"server_no_context_takeover left out", &perMessage, []string{deflateAll}, any7692, "section 7.1.1.1)"},
		{"server_no_context_takeover left out", &perMessage, []string{"permessage-deflate; client_no_context_takeover"}, any7692, "section 7.1.1.1)"},
		{"server_no_context_takeover left out", &deflate.Options{ContextTakeover: true, SendOnly: true}, []string{"permessage-deflate; client_no_context_takeover"}, any7692, "section 7.1.1.1)"},
		{"server_max_window_bits left out", &deflate.Options{ContextTakeover: true, ReceiveWindowBits: 9}, []string{deflateAll}, any7692, "section 7.1.2.1)"},
		{"server_max_window_bits larger than offered", &deflate.Options{ContextTakeover: true, ReceiveWindowBits: 9}, []string{"permessage-deflate; server_max_window_bits=10"}, any7692, "section 7.1.2.1)"},
		{"client_max_window_bits larger than offered", &deflate.Options{ContextTakeover: true, SendWindowBits: 10}, []string{"permessage-deflate; client_max_window_bits=11"}, any7692, "section 7.1.2.2)"},
		{"client_max_window_bits larger than offered", &deflate.Options{ContextTakeover: true, SendWindowBits: 8}, []string{"permessage-deflate; client_max_window_bits=15"}, any7692, "section 7.1.2.2)"},
	} {
		t.Run(tt.name, func(t *testing.T) { refuses(t, tt.options, tt.lines, tt.section, tt.reason) })
	}
	for _, bits := range wrongBits { // CVE-2026-2229
		refuses(t, &inContext, []string{"permessage-deflate; server_max_window_bits=" + bits}, any7692, "section 7.1.2.1)")
		refuses(t, &inContext, []string{"permessage-deflate; client_max_window_bits=" + bits}, any7692, "section 7.1.2.2)")
	}
}

func refuses(t *testing.T, o *deflate.Options, lines []string, section, reason string) {
	t.Helper()
	p, _, c, err := answered(t, o, lines)
	if c != nil {
		c.Close()
	}
	rejected, ok := errors.AsType[*handshake.RejectError](err)
	refused, ok2 := errors.AsType[*client.RefusedError](err)
	if c != nil || !ok || rejected.Section != section || !strings.Contains(err.Error(), reason) || !ok2 || refused.Status != http.StatusSwitchingProtocols {
		t.Errorf("%q: got %v, %v; want an error by %s, %s", lines, c, err, section, reason)
	}
	// Bytes that the client has not read may turn the end into a reset. That no frame came is what counts.
	if h, got, err := p.next(); err == nil {
		t.Errorf("%q: the client sent a %v frame, %q", lines, h.Opcode, got)
	}
}

// What is offered, and answers to it that a client accepts and then obeys.
func TestClientHandshake_compressionAccepted(t *testing.T) {
	const (
		alone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits"
		all   = "permessage-deflate; client_max_window_bits"
		both  = "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10, permessage-deflate; server_no_context_takeover; client_max_window_bits=10"
	)
	for _, tt := range []struct {
		options *deflate.Options
		offer   string
		answer  []string
		params  deflate.Params
	}{
		{&perMessage, alone, []string{deflateAlone}, deflate.Params{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
		{&perMessage, alone, []string{"permessage-deflate; server_no_context_takeover"}, deflate.Params{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
		{&inContext, all, []string{deflateAll}, deflate.Params{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
		{&inContext, all, []string{deflateAlone}, deflate.Params{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}}, // section 7.1.1: unasked
		{&inContext, all, []string{"permessage-deflate; client_max_window_bits=8"}, deflate.Params{ServerMaxWindowBits: 15, ClientMaxWindowBits: 8}},
		{&inContext, all, []string{`permessage-deflate; client_max_window_bits="10"; server_max_window_bits="8"`}, deflate.Params{ServerMaxWindowBits: 8, ClientMaxWindowBits: 10}},
		{&narrow, both, []string{"permessage-deflate; server_max_window_bits=9"}, deflate.Params{ServerMaxWindowBits: 9, ClientMaxWindowBits: 10}},
		{&narrow, both, []string{"permessage-deflate; server_max_window_bits=8; client_max_window_bits=9"}, deflate.Params{ServerMaxWindowBits: 8, ClientMaxWindowBits: 9}},
		{&narrow, both, []string{"permessage-deflate; server_no_context_takeover"}, deflate.Params{ServerNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 10}}, // the second offer
		{&inContext, all, nil, deflate.Params{}},
		{nil, "", nil, deflate.Params{}},
	} {
		t.Run(strings.Join(tt.answer, "|"), func(t *testing.T) {
			p, offered, c, err := answered(t, tt.options, tt.answer)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got := strings.Join(offered, "|"); got != tt.offer {
				t.Errorf("got the offer %q; want %q", got, tt.offer)
			}
			if got, ok := c.Compression(); got != tt.params || ok != (tt.answer != nil) {
				t.Errorf("got %+v, %v; want %+v", got, ok, tt.params)
			}
			a := &app{}
			p.seen = a.outcome(p)
			go a.read(c)
			p.wants(t, frame.Text, "behind")
			p.send(p.wire.frame(0xc1, hello))
			if tt.answer == nil {
				p.wantsClose(t, 1002)
				return
			}
			p.wants(t, frame.Text, "Hello")
			if tt.params.ClientMaxWindowBits < 15 {
				p.obeys(t, int(tt.params.ClientMaxWindowBits))
			}
			p.Close()
			<-p.seen
		})
	}
}

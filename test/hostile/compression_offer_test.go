package hostile_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// What browsers offer.
const (
	chrome      = "permessage-deflate; client_max_window_bits"
	firefox     = "permessage-deflate"
	safari      = "permessage-deflate"
	olderSafari = "x-webkit-deflate-frame"
)

// Options of servers, and of clients in compression_answer_test.go.
var (
	perMessage = deflate.Options{}
	inContext  = deflate.Options{ContextTakeover: true}
	narrow     = deflate.Options{ContextTakeover: true, SendWindowBits: 10, ReceiveWindowBits: 9}
)

// Offers over the wire, each on a line or several, and the exact answer: none where all are declined. Each offer is judged on its own (RFC 7692 sections 5.1 and 7).
var offers = []struct {
	name    string
	options deflate.Options
	lines   []string
	answer  string
}{
	{"section 5.1 Chrome", perMessage, []string{chrome}, deflateAlone},
	{"section 5.1 Firefox", perMessage, []string{firefox}, deflateAlone},
	{"section 5.1 Safari", perMessage, []string{safari}, deflateAlone},
	{"section 5.1 Safari before permessage-deflate", perMessage, []string{olderSafari}, ""},
	{"section 5.1 Chrome", inContext, []string{chrome}, deflateAll},
	{"section 5.1 Firefox", inContext, []string{firefox}, deflateAll},
	{"section 5.1 Safari", inContext, []string{safari}, deflateAll},
	{"section 5.1 Safari before permessage-deflate", inContext, []string{olderSafari}, ""},
	{"section 7.1.2 Chrome", narrow, []string{chrome}, "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"},
	{"section 7.1.2.2 Firefox, which cannot be told its window", narrow, []string{firefox}, "permessage-deflate; client_no_context_takeover; server_max_window_bits=10"},

	// Parameters, one by one.
	{"section 7.1.1.1", inContext, []string{"permessage-deflate; server_no_context_takeover"}, "permessage-deflate; server_no_context_takeover"},
	{"section 7.1.1.2", inContext, []string{"permessage-deflate; client_no_context_takeover"}, "permessage-deflate; client_no_context_takeover"},
	{"section 7.1.2.1", inContext, []string{"permessage-deflate; server_max_window_bits=8"}, "permessage-deflate; server_max_window_bits=8"},
	{"section 7.1.2.1", inContext, []string{"permessage-deflate; server_max_window_bits=15"}, "permessage-deflate; server_max_window_bits=15"},
	{"section 7.1.2.1 the smaller one", narrow, []string{"permessage-deflate; server_max_window_bits=9; client_max_window_bits=8"}, "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8"},
	{"section 7.1.2.2", inContext, []string{"permessage-deflate; client_max_window_bits=8"}, "permessage-deflate; client_max_window_bits=8"},
	{"section 5.1 quoted", inContext, []string{`permessage-deflate; server_max_window_bits="10"`}, "permessage-deflate; server_max_window_bits=10"},
	{"section 5.1 quoted with a backslash", inContext, []string{`permessage-deflate; client_max_window_bits="1\0"`}, "permessage-deflate; client_max_window_bits=10"},
	{"section 9.1 of RFC 6455, white space", inContext, []string{" \tpermessage-deflate\t; server_max_window_bits = 10 ,"}, "permessage-deflate; server_max_window_bits=10"},

	// Declined, and no more.
	{"section 7.1 unknown parameter", inContext, []string{"permessage-deflate; x"}, ""},
	{"section 7.1 unknown parameter", inContext, []string{"permessage-deflate; client_max_window_bits; x=1"}, ""},
	{"section 7.1 a parameter's name in capitals", inContext, []string{"permessage-deflate; SERVER_MAX_WINDOW_BITS=16"}, ""},
	{"section 7 duplicate", inContext, []string{"permessage-deflate; server_no_context_takeover; server_no_context_takeover"}, ""},
	{"section 7 duplicate", inContext, []string{"permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_no_context_takeover"}, ""},
	{"section 7 duplicate of the same value", inContext, []string{"permessage-deflate; server_max_window_bits=10; server_max_window_bits=10"}, ""},
	{"section 7 duplicate with and without a value", inContext, []string{"permessage-deflate; client_max_window_bits; client_max_window_bits=10"}, ""},
	{"section 7.1.1.1 with a value", inContext, []string{"permessage-deflate; server_no_context_takeover=1"}, ""},
	{"section 7.1.1.2 with a value", inContext, []string{"permessage-deflate; client_no_context_takeover=true"}, ""},
	{"section 7.1.2.1 without a value", inContext, []string{"permessage-deflate; server_max_window_bits"}, ""},

	// Tried in order.
	{"section 5.1 the second one", inContext, []string{"permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=10, permessage-deflate"}, "permessage-deflate; server_max_window_bits=10"},
	{"section 5.1 the first one", inContext, []string{"permessage-deflate, permessage-deflate; server_no_context_takeover"}, deflateAll},
	{"section 5.1 the last one", inContext, []string{"permessage-deflate; x, permessage-deflate; server_max_window_bits, permessage-deflate; server_max_window_bits=8; server_max_window_bits=8, permessage-deflate; client_max_window_bits"}, deflateAll},
	{"section 5.1 none of many", inContext, []string{strings.Repeat("permessage-deflate; x, ", 20)}, ""},
	{"section 7 the same parameter in two offers", inContext, []string{"permessage-deflate; server_no_context_takeover; x, permessage-deflate; server_no_context_takeover"}, "permessage-deflate; server_no_context_takeover"},
	{"section 5.1 nothing of one offer in the answer to another", inContext, []string{"permessage-deflate; server_no_context_takeover; server_max_window_bits=08, permessage-deflate"}, deflateAll},
	{"section 5 among others", inContext, []string{"foo; permessage-deflate, permessage-deflate-2, x-webkit-deflate-frame, permessage-deflate, bar; baz=1"}, deflateAll},
	{"section 9.1 of RFC 6455, a second line", inContext, []string{"foo", "permessage-deflate; server_max_window_bits=10"}, "permessage-deflate; server_max_window_bits=10"},
	{"section 9.1 of RFC 6455, a second line after one that is declined", inContext, []string{"permessage-deflate; server_max_window_bits=16", chrome}, deflateAll},
	{"section 9.1 of RFC 6455, a second line after one that is accepted", inContext, []string{"permessage-deflate; server_max_window_bits=10", chrome}, "permessage-deflate; server_max_window_bits=10"},
	{"section 5 another extension alone", inContext, []string{"permessage-bzip2"}, ""},
	{"nothing offered", inContext, nil, ""},
}

// wrongBits are values that section 7.1.2 does not know: "a decimal integer value without leading zeroes between 8 to 15".
var wrongBits = []string{"7", "16", "08", "015", "0", "-8", "+8", "8.0", "0x8", "1e1", "8_", "100", "18446744073709551624", "x", `"16"`, `"08"`}

// forServers runs a server with these options, in all modes, and returns what opens a connection with the given lines of Sec-WebSocket-Extensions and reads the response.
func forServers(t *testing.T, o deflate.Options, test func(t *testing.T, open func(t *testing.T, lines ...string) (*attacker, *http.Response))) {
	for _, m := range compressedModes {
		t.Run(m.name, func(t *testing.T) {
			a := &app{}
			addr := serve(t, m.server(a, &server.Options{Compression: &o}))
			test(t, func(t *testing.T, lines ...string) (*attacker, *http.Response) {
				p := dial(t, addr)
				p.wire = wire{masked: true}
				p.seen = a.outcome(p)
				request := upgrade
				for _, line := range lines {
					request += extensions(line).field()
				}
				p.send(request + "\r\n")
				return p, p.response(t)
			})
		})
	}
}

// answers checks that the connection is open with exactly this answer, and that what is agreed on holds: compressed messages are read, or break the protocol.
func (p *attacker) answers(t *testing.T, r *http.Response, answer string) {
	t.Helper()
	got := r.Header["Sec-Websocket-Extensions"]
	if r.StatusCode != http.StatusSwitchingProtocols || strings.Join(got, "|") != answer || len(got) > 1 {
		t.Fatalf("got %s with %q; want a 101 with %q", r.Status, got, answer)
	}
	p.send(p.wire.frame(0x81, "plain"))
	p.wants(t, frame.Text, "plain")
	p.send(p.wire.frame(0xc1, hello))
	if answer == "" {
		p.wantsClose(t, 1002)
		return
	}
	p.wants(t, frame.Text, "Hello")
	long := strings.Repeat("0123456789", 100)
	p.send(p.wire.frame(0x82, long))
	if got, err := inflated(p.wantsCompressed(t, frame.Binary), ""); err != nil || got != long {
		t.Errorf("got %q, %v", got, err)
	}
	if _, rest, ok := strings.Cut(answer, "server_max_window_bits="); ok {
		digits, _, _ := strings.Cut(rest, ";")
		bits, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatal(err)
		}
		p.obeys(t, bits)
	}
	p.send(p.wire.frame(0xc2, hello) + p.wire.frame(0xc2, reference(5)))
	p.wants(t, frame.Binary, "Hello")
	if strings.Contains(answer, "client_no_context_takeover") {
		p.wantsClose(t, 1007)
	} else {
		p.wants(t, frame.Binary, "Hel")
	}
	p.Close()
	<-p.seen
}

// obeys checks that what is sent compressed refers back no further than a window of so many bits (RFC 7692 section 7.1.2): what it could refer to lies just beyond,
// and cannot be compressed else.
func (p *attacker) obeys(t *testing.T, bits int) {
	t.Helper()
	noise := make([]byte, 1<<bits+100)
	random := rand.NewPCG(1, 2)
	for i := range noise {
		noise[i] = byte(random.Uint64())
	}
	content := string(noise) + string(noise)
	p.send(p.wire.frame(0x82, content))
	payload := p.wantsCompressed(t, frame.Binary)
	if got, err := inflated(payload, ""); err != nil || got != content || len(payload) < len(content)*98/100 {
		t.Errorf("%d bits: %d bytes came as %d compressed ones, %v", bits, len(got), len(payload), err)
	}
}

func TestServerHandshake_compression(t *testing.T) {
	for _, o := range []deflate.Options{perMessage, inContext, narrow} {
		forServers(t, o, func(t *testing.T, open func(t *testing.T, lines ...string) (*attacker, *http.Response)) {
			for _, tt := range offers {
				if tt.options == o {
					p, r := open(t, tt.lines...)
					t.Run(tt.name, func(t *testing.T) { p.answers(t, r, tt.answer) })
				}
			}
			if o != inContext {
				return
			}
			for _, bits := range wrongBits { // CVE-2026-2229, the server's side of it
				for _, name := range []string{"server_max_window_bits", "client_max_window_bits"} {
					p, r := open(t, "permessage-deflate; "+name+"="+bits)
					p.answers(t, r, "")
					p, r = open(t, "permessage-deflate; "+name+"="+bits+", permessage-deflate")
					p.answers(t, r, deflateAll)
				}
			}
		})
	}
}

// A header that breaks the grammar is a 400, whatever else is in it: it is no list of offers of which some may be good (RFC 6455 section 9.1).
func TestServerHandshake_compressionGrammar(t *testing.T) {
	forServers(t, inContext, func(t *testing.T, open func(t *testing.T, lines ...string) (*attacker, *http.Response)) {
		for line, status := range map[string]int{
			"permessage-deflate;":                                                    400,
			"permessage-deflate; server_max_window_bits=":                            400,
			"permessage-deflate; =10":                                                400,
			"permessage-deflate; server_max_window_bits=10=11":                       400,
			"permessage-deflate; server_max_window_bits 10":                          400,
			`permessage-deflate; server_max_window_bits=""`:                          400,
			`permessage-deflate; server_max_window_bits="10`:                         400,
			`permessage-deflate; server_max_window_bits="1 0"`:                       400,
			`permessage-deflate; server_max_window_bits="10" 11`:                     400,
			"permessage-deflate; server_max_window_bits=\u0661\u0660":                400, // Arabic digits
			"permessage-deflate permessage-deflate":                                  400,
			"permessage-deflate, =":                                                  400,
			"permessage-deflate, x; y=":                                              400,
			",":                                                                      400,
			"permessage-deflate/1":                                                   400,
			"permessage-deflate; x=\x01":                                             400,
			strings.Repeat("permessage-deflate; server_max_window_bits=7, ", 200):    431,
			"permessage-deflate" + strings.Repeat("; server_max_window_bits=8", 500): 431,
		} {
			p, r := open(t, line)
			body, err := io.ReadAll(r.Body)
			if r.StatusCode != status || !r.Close || err != nil || r.Header.Get("Sec-Websocket-Extensions") != "" {
				t.Errorf("%.60q: got %s, close: %v, %v, %q, %v; want %d and close", line, r.Status, r.Close, r.Header, body, err, status)
			}
			p.wantsEnd(t)
			select {
			case o := <-p.seen:
				t.Errorf("%.60q: the application saw %+v", line, o)
			default:
			}
		}
		p, r := open(t, deflateAll) // and then
		p.answers(t, r, deflateAll)
	})
}

package deflate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// offered reads "a; b=1, c": the offers of a header without the extension's name.
func offered(s string) [][]deflate.Param {
	var offers [][]deflate.Param
	for part := range strings.SplitSeq(s, ",") {
		offers = append(offers, params(part))
	}
	return offers
}

func textsOf(offers [][]deflate.Param) string {
	var parts []string
	for _, offer := range offers {
		parts = append(parts, textOf(offer))
	}
	return strings.Join(parts, ", ")
}

// The offers of clients that are in use.
const (
	chrome      = "client_max_window_bits" // and npm ws, and python websockets
	firefox     = ""                       // and Safari
	autobahn1   = "client_no_context_takeover; client_max_window_bits"
	autobahn2   = "client_no_context_takeover; client_max_window_bits; server_no_context_takeover"
	autobahn3   = "client_no_context_takeover; client_max_window_bits; server_max_window_bits=9"
	autobahn5   = "client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9"
	autobahn6   = "client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=15"
	autobahn7   = autobahn5 + ", " + autobahn2 + ", " + autobahn1
	rfcFallback = "client_max_window_bits; server_max_window_bits=10, client_max_window_bits" // RFC 7692 section 7.1.3
)

var (
	withoutContext = deflate.Options{}
	withContext    = deflate.Options{ContextTakeover: true}
	smallWindows   = deflate.Options{ContextTakeover: true, SendWindowBits: 10, ReceiveWindowBits: 10}
)

// agreed returns Params with windows of so many bits.
func agreed(serverFresh, clientFresh bool, serverBits, clientBits uint8) deflate.Params {
	return deflate.Params{ServerNoContextTakeover: serverFresh, ClientNoContextTakeover: clientFresh, ServerMaxWindowBits: serverBits, ClientMaxWindowBits: clientBits}
}

const declined = "-"

var acceptTests = []struct {
	rfc    string
	o      deflate.Options
	offers string
	answer string // or declined
	p      deflate.Params
}{
	{"Chrome, ws, websockets", withoutContext, chrome, "server_no_context_takeover; client_no_context_takeover", agreed(true, true, 15, 15)},
	{"Chrome, ws, websockets", withContext, chrome, "", agreed(false, false, 15, 15)},
	{"Chrome, ws, websockets", smallWindows, chrome, "server_max_window_bits=10; client_max_window_bits=10", agreed(false, false, 10, 10)},
	{"Chrome, ws, websockets, memory of windows", deflate.Options{SendWindowBits: 9, ReceiveWindowBits: 8}, chrome,
		"server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=8", agreed(true, true, 9, 8)},
	{"Chrome, ws, websockets, receive only", deflate.Options{ContextTakeover: true, ReceiveOnly: true}, chrome,
		"server_no_context_takeover", agreed(true, false, 15, 15)},
	{"Chrome, ws, websockets, send only", deflate.Options{ContextTakeover: true, SendOnly: true}, chrome, "client_no_context_takeover", agreed(false, true, 15, 15)},

	{"Firefox, Safari", withoutContext, firefox, "server_no_context_takeover; client_no_context_takeover", agreed(true, true, 15, 15)},
	{"Firefox, Safari", withContext, firefox, "", agreed(false, false, 15, 15)},
	{"Firefox, Safari, whose window cannot be limited", smallWindows, firefox, "client_no_context_takeover; server_max_window_bits=10", agreed(false, true, 10, 15)},
	{"Firefox, Safari, receive only", deflate.Options{ContextTakeover: true, ReceiveOnly: true}, firefox, "server_no_context_takeover", agreed(true, false, 15, 15)},
	{"Firefox, Safari, send only", deflate.Options{ContextTakeover: true, SendOnly: true}, firefox, "client_no_context_takeover", agreed(false, true, 15, 15)},

	{"Autobahn 12, 13.1", withoutContext, autobahn1, "server_no_context_takeover; client_no_context_takeover", agreed(true, true, 15, 15)},
	{"Autobahn 12, 13.1", withContext, autobahn1, "client_no_context_takeover", agreed(false, true, 15, 15)},
	{"Autobahn 13.2", withContext, autobahn2, "server_no_context_takeover; client_no_context_takeover", agreed(true, true, 15, 15)},
	{"Autobahn 13.3", withContext, autobahn3, "client_no_context_takeover; server_max_window_bits=9", agreed(false, true, 9, 15)},
	{"Autobahn 13.3", smallWindows, autobahn3, "client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10", agreed(false, true, 9, 10)},
	{"Autobahn 13.6", withoutContext, autobahn6, "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15", agreed(true, true, 15, 15)},
	{"Autobahn 13.6", smallWindows, autobahn6, "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=10",
		agreed(true, true, 10, 10)},
	{"Autobahn 13.7", withContext, autobahn7, "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9", agreed(true, true, 9, 15)},

	{"RFC 7692 section 7.1.3", withContext, rfcFallback, "server_max_window_bits=10", agreed(false, false, 10, 15)},
	{"RFC 7692 section 7.1.2.2, a value", withContext, "client_max_window_bits=12", "client_max_window_bits=12", agreed(false, false, 15, 12)},
	{"RFC 7692 section 7.1.2.2, a value", withContext, "client_max_window_bits=15", "client_max_window_bits=15", agreed(false, false, 15, 15)},
	{"RFC 7692 section 7.1.2.2, a smaller one", smallWindows, "client_max_window_bits=12",
		"server_max_window_bits=10; client_max_window_bits=10", agreed(false, false, 10, 10)},
	{"RFC 7692 section 7.1.2.2, a larger one", smallWindows, "client_max_window_bits=9",
		"server_max_window_bits=10; client_max_window_bits=9", agreed(false, false, 10, 9)},
	{"RFC 7692 section 7.1.1.1, as asked", withContext, "server_no_context_takeover", "server_no_context_takeover", agreed(true, false, 15, 15)},
	{"RFC 7692 section 7.1.1.2, as told", withContext, "client_no_context_takeover", "client_no_context_takeover", agreed(false, true, 15, 15)},

	{"RFC 7692 section 5.1, declined one by one", withContext, "x, server_max_window_bits, server_max_window_bits=16, client_max_window_bits=9",
		"client_max_window_bits=9", agreed(false, false, 15, 9)},
	{"RFC 7692 section 5.1, in order", withContext, "server_max_window_bits=12, server_max_window_bits=9", "server_max_window_bits=12", agreed(false, false, 12, 15)},
	{"RFC 7692 section 7, none is left", withContext, "x, server_max_window_bits=08, client_max_window_bits; client_max_window_bits", declined, deflate.Params{}},
}

func TestOptions_Accept(t *testing.T) {
	for _, tt := range acceptTests {
		t.Run(tt.rfc, func(t *testing.T) {
			p, answer, ok := tt.o.Accept(offered(tt.offers))
			if ok != (tt.answer != declined) || ok && textOf(answer) != tt.answer {
				t.Errorf("%+v: to %q: got %q, %v; want %q", tt.o, tt.offers, textOf(answer), ok, tt.answer)
			}
			if p != tt.p {
				t.Errorf("%+v: to %q: got %+v; want %+v", tt.o, tt.offers, p, tt.p)
			}
		})
	}
	for _, offers := range [][][]deflate.Param{nil, {}} {
		if p, answer, ok := withoutContext.Accept(offers); p != (deflate.Params{}) || answer != nil || ok {
			t.Errorf("no offer: got %+v, %v, %v; want nothing", p, answer, ok)
		}
	}
}

func TestOptions_Offers(t *testing.T) {
	for _, tt := range []struct {
		rfc  string
		o    deflate.Options
		want string
	}{
		{"RFC 7692 section 7.1.1", withoutContext, "server_no_context_takeover; client_no_context_takeover; client_max_window_bits"},
		{"RFC 7692 section 7.1.2.2", withContext, "client_max_window_bits"},
		{"RFC 7692 section 7.1.2.2, a hint", deflate.Options{ContextTakeover: true, SendWindowBits: 8}, "client_max_window_bits=8"},
		{"RFC 7692 section 7.1.2.2, no hint", deflate.Options{ContextTakeover: true, SendWindowBits: 15, ReceiveWindowBits: 15}, "client_max_window_bits"},
		{"RFC 7692 section 7.1.3, a fallback", deflate.Options{ContextTakeover: true, ReceiveWindowBits: 10},
			"server_max_window_bits=10; client_max_window_bits, server_no_context_takeover; client_max_window_bits"},
		{"RFC 7692 section 7.1.3, a fallback", deflate.Options{SendWindowBits: 14, ReceiveWindowBits: 8},
			"server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=14, " +
				"server_no_context_takeover; client_no_context_takeover; client_max_window_bits=14"},
		{"receive only", deflate.Options{ContextTakeover: true, ReceiveOnly: true}, "client_no_context_takeover; client_max_window_bits"},
		{"send only", deflate.Options{ContextTakeover: true, SendOnly: true}, "server_no_context_takeover; client_max_window_bits"},
	} {
		t.Run(tt.rfc, func(t *testing.T) {
			if got := textsOf(tt.o.Offers()); got != tt.want {
				t.Errorf("%+v: got %q; want %q", tt.o, got, tt.want)
			}
		})
	}
}

var checkTests = []struct {
	rfc    string
	o      deflate.Options
	answer string
	p      deflate.Params
	err    string // a part of the error; "": none
}{
	{"RFC 7692 section 7.1.1.1, unasked", withContext, "server_no_context_takeover", agreed(true, false, 15, 15), ""},
	{"RFC 7692 section 7.1.1.2, unasked", withContext, "client_no_context_takeover", agreed(false, true, 15, 15), ""},
	{"RFC 7692 section 7.1.2.1, unasked", withContext, "server_max_window_bits=9", agreed(false, false, 9, 15), ""},
	{"RFC 7692 section 7.1.2.2", withContext, "client_max_window_bits=9", agreed(false, false, 15, 9), ""},
	{"RFC 7692 section 7.1, nothing", withContext, "", agreed(false, false, 15, 15), ""},
	{"python websockets", withContext, "server_max_window_bits=12; client_max_window_bits=12", agreed(false, false, 12, 12), ""},
	{"RFC 7692 section 7.1.1.2, told and not answered", withoutContext, "server_no_context_takeover", agreed(true, true, 15, 15), ""},
	{"receive only, and not answered", deflate.Options{ContextTakeover: true, ReceiveOnly: true}, "", agreed(false, true, 15, 15), ""},
	{"RFC 7692 section 7.1.2.2, a hint and no answer", deflate.Options{ContextTakeover: true, SendWindowBits: 9}, "", agreed(false, false, 15, 9), ""},
	{"RFC 7692 section 7.1.2.2, a smaller one", deflate.Options{ContextTakeover: true, SendWindowBits: 9}, "client_max_window_bits=8", agreed(false, false, 15, 8), ""},
	{"RFC 7692 section 7.1.2.1, as asked", smallWindows, "server_max_window_bits=10", agreed(false, false, 10, 10), ""},
	{"RFC 7692 section 7.1.2.1, a smaller one", smallWindows, "server_max_window_bits=8", agreed(false, false, 8, 10), ""},
	{"RFC 7692 section 7.1.3, the fallback", smallWindows, "server_no_context_takeover", agreed(true, false, 15, 10), ""},
	{"RFC 7692 section 7.1.3, the fallback, unasked", smallWindows, "server_no_context_takeover; server_max_window_bits=12", agreed(true, false, 12, 10), ""},

	{"RFC 7692 section 7.1.1.1", withoutContext, "", deflate.Params{}, "server_no_context_takeover (RFC 7692 section 7.1.1.1)"},
	{"RFC 7692 section 7.1.1.1", deflate.Options{ContextTakeover: true, SendOnly: true}, "client_no_context_takeover",
		deflate.Params{}, "server_no_context_takeover (RFC 7692 section 7.1.1.1)"},
	{"RFC 7692 section 7.1.2.1", smallWindows, "", deflate.Params{}, "server_max_window_bits (RFC 7692 section 7.1.2.1)"},
	{"RFC 7692 section 7.1.2.1, a larger one", smallWindows, "server_max_window_bits=11", deflate.Params{},
		"server_max_window_bits=11 to an offer of 10 (RFC 7692 section 7.1.2.1)"},
	{"RFC 7692 section 7.1.2.2, a larger one", smallWindows, "server_max_window_bits=10; client_max_window_bits=11",
		deflate.Params{}, "client_max_window_bits=11 to an offer of 10 (RFC 7692 section 7.1.2.2)"},
	{"RFC 7692 section 7.1.2.2, a larger one, to the fallback", smallWindows, "server_no_context_takeover; client_max_window_bits=11",
		deflate.Params{}, "client_max_window_bits=11 to an offer of 10 (RFC 7692 section 7.1.2.2)"},
	{"RFC 7692 section 7.1.2.2, a value", withContext, "client_max_window_bits", deflate.Params{}, "section 7.1.2.2"},
	{"RFC 7692 section 7, malformed", withContext, "server_max_window_bits", deflate.Params{}, "section 7.1.2.1"},
	{"RFC 7692 section 7, malformed", withContext, "client_no_context_takeover=1", deflate.Params{}, "section 7.1.1.2"},
	{"RFC 7692 section 7, once", withContext, "client_max_window_bits=9; client_max_window_bits=9", deflate.Params{}, "section 7)"},
	{"RFC 7692 section 7.1, no others", withContext, "x", deflate.Params{}, "section 7.1)"},
}

func TestOptions_Check(t *testing.T) {
	for _, tt := range checkTests {
		t.Run(tt.rfc, func(t *testing.T) {
			p, err := tt.o.Check(params(tt.answer))
			if p != tt.p {
				t.Errorf("%+v: %q: got %+v; want %+v", tt.o, tt.answer, p, tt.p)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%+v: %q: got %v; want %q", tt.o, tt.answer, err, tt.err)
			}
		})
	}
}

// everyOptions returns all that can matter to a negotiation, with windows at both ends and in the middle. What cannot changes along.
func everyOptions() []deflate.Options {
	var all []deflate.Options
	for i := range 6 {
		for _, send := range []int{8, 10, 15} {
			for _, receive := range []int{8, 10, 15} {
				n := len(all)
				all = append(all, deflate.Options{
					Level: n % 10, Threshold: n - 2, Dedicated: n%2 == 1,
					ContextTakeover: i%2 == 1, ReceiveOnly: i/2 == 1, SendOnly: i/2 == 2,
					SendWindowBits: send, ReceiveWindowBits: receive,
				})
			}
		}
	}
	return all
}

// windowOf is what the documentation says of SendWindowBits and ReceiveWindowBits.
func windowOf(n int) uint8 {
	if n == 0 {
		return 15
	}
	return uint8(min(max(n, 8), 15))
}

// acceptable returns the offer that must be accepted.
func acceptable(offers [][]deflate.Param) (plain, bool) {
	for _, offer := range offers {
		if p, ok := plainRead(offer, false); ok {
			return p, true
		}
	}
	return nil, false
}

// checkAnswer holds what o.Accept made of offer, which is well-formed, to RFC 7692 and to the documentation of Options.
func checkAnswer(t *testing.T, o deflate.Options, offer plain, p deflate.Params, list []deflate.Param) {
	t.Helper()
	fail := func(rule string) {
		t.Helper()
		t.Errorf("%+v: to %v: answer %q and %+v: %s", o, offer, textOf(list), p, rule)
	}
	answer, ok := plainRead(list, true)
	if !ok {
		fail("the answer is malformed")
		return
	}
	send, receive := windowOf(o.SendWindowBits), windowOf(o.ReceiveWindowBits)

	// What the answer says is what was agreed on.
	said := agreed(answer.has(serverFresh), answer.has(clientFresh), answer.window(serverBits, 15), answer.window(clientBits, 15))
	if p != said {
		fail("the answer and the Params differ")
	}

	// What was asked for is promised (sections 7.1.1.1 and 7.1.2.1), and what was not offered is not asked for (section 7.1.2.2).
	if offer.has(serverFresh) && !answer.has(serverFresh) {
		fail("server_no_context_takeover was ignored")
	}
	if offer.has(serverBits) && (!answer.has(serverBits) || answer.window(serverBits, 15) > offer.window(serverBits, 15)) {
		fail("server_max_window_bits was ignored")
	}
	if answer.has(clientBits) && (!offer.has(clientBits) || answer.window(clientBits, 15) > offer.window(clientBits, 15)) {
		fail("client_max_window_bits is not what was offered")
	}

	// What this side wants is agreed on, and no less compression than that.
	server, client := p.Server(), p.Client()
	if want := o.ContextTakeover && !o.ReceiveOnly && !offer.has(serverFresh); server.ContextTakeover != want {
		fail("context takeover of the server")
	}
	if want := min(send, offer.window(serverBits, 15)); server.WindowBits != want {
		fail("window of the server")
	}
	wantTakeover := o.ContextTakeover && !o.SendOnly && !offer.has(clientFresh)
	wantWindow := uint8(15)
	if offer.has(clientBits) {
		wantWindow = min(receive, offer.window(clientBits, 15))
	} else if receive < 15 {
		wantTakeover = false
	}
	if client.ContextTakeover != wantTakeover {
		fail("context takeover of the client")
	}
	if client.WindowBits != wantWindow {
		fail("window of the client")
	}

	// Nothing is said that goes without saying.
	if answer.has(serverBits) && !offer.has(serverBits) && send == 15 {
		fail("server_max_window_bits is superfluous")
	}
	if answer.has(clientBits) && offer[clientBits] == "" && receive == 15 {
		fail("client_max_window_bits is superfluous")
	}
}

// agreement returns what o.Check must return for answer, which is nil where it is malformed, to offers, which are o's.
func agreement(o deflate.Options, offers []plain, answer plain) (p deflate.Params, ok bool) {
	if answer == nil {
		return deflate.Params{}, false
	}
	for _, offer := range offers {
		ok = ok || (answer.has(serverFresh) || !offer.has(serverFresh)) &&
			(answer.has(serverBits) || !offer.has(serverBits)) && answer.window(serverBits, 8) <= offer.window(serverBits, 15) &&
			(offer.has(clientBits) || !answer.has(clientBits)) && answer.window(clientBits, 8) <= offer.window(clientBits, 15)
	}
	if !ok {
		return deflate.Params{}, false
	}
	fresh := answer.has(clientFresh) || !o.ContextTakeover || o.ReceiveOnly
	return agreed(answer.has(serverFresh), fresh, answer.window(serverBits, 15), min(answer.window(clientBits, 15), windowOf(o.SendWindowBits))), true
}

// TestOptions_Accept_space makes every offer to every Options.
func TestOptions_Accept_space(t *testing.T) {
	offers := space(nil, paramNames...)
	read := plainReads(offers, false)
	malformed := 0
	for _, p := range read {
		if p == nil {
			malformed++
		}
	}
	// By hand: two flags, there or not; 8 windows or none; 8 windows, no value, or none.
	if got, want := len(offers)-malformed, 2*2*9*10; got != want {
		t.Fatalf("%d offers are well-formed; want %d", got, want)
	}
	for _, o := range everyOptions() {
		for i, offer := range offers {
			p, answer, ok := o.Accept([][]deflate.Param{offer})
			switch {
			case ok != (read[i] != nil):
				t.Fatalf("%+v: to %q: accepted %v; want %v", o, textOf(offer), ok, !ok)
			case ok:
				checkAnswer(t, o, read[i], p, answer)
			case p != (deflate.Params{}) || answer != nil:
				t.Fatalf("%+v: to %q: declined with %+v, %q; want nothing", o, textOf(offer), p, textOf(answer))
			}
		}
	}
}

// TestOptions_Check_space gives every answer to every Options.
func TestOptions_Check_space(t *testing.T) {
	answers := space(nil, paramNames...)
	read := plainReads(answers, true)
	for _, o := range everyOptions() {
		offers := plainReads(o.Offers(), false)
		good := 0
		for i, answer := range answers {
			want, ok := agreement(o, offers, read[i])
			got, err := o.Check(answer)
			if (err == nil) != ok || got != want {
				t.Fatalf("%+v: %q: got %+v, %v; want %+v, a good answer: %v", o, textOf(answer), got, err, want, ok)
			}
			if ok {
				good++
			}
		}
		// By hand. Of the client, the server may say client_no_context_takeover or not, and client_max_window_bits up to this side's or not. Of itself it may
		// say 8 windows or none with server_no_context_takeover, and without, where that was not asked for, these or the windows asked for.
		client := 2 * (1 + int(windowOf(o.SendWindowBits)) - 7)
		server := 9
		switch {
		case !o.ContextTakeover || o.SendOnly:
		case o.ReceiveWindowBits == 15:
			server += 9
		default:
			server += o.ReceiveWindowBits - 7
		}
		if good != client*server {
			t.Errorf("%+v: %d good answers; want %d", o, good, client*server)
		}
	}
}

// TestOptions_Offers_space: what every Options offer is well-formed and asks for what they say.
func TestOptions_Offers_space(t *testing.T) {
	for _, o := range everyOptions() {
		offers := o.Offers()
		if want := 1 + min(1, 15-o.ReceiveWindowBits); len(offers) != want {
			t.Fatalf("%+v: %d offers; want %d", o, len(offers), want)
		}
		for i, list := range offers {
			offer, ok := plainRead(list, false)
			hint := ""
			if o.SendWindowBits < 15 {
				hint = textOf(list)[strings.LastIndex(textOf(list), "=")+1:]
			}
			if !ok || offer.has(serverFresh) != (!o.ContextTakeover || o.SendOnly || i == 1) || offer.has(clientFresh) != (!o.ContextTakeover || o.ReceiveOnly) ||
				offer.has(serverBits) != (i == 0 && len(offers) == 2) || offer.has(serverBits) && offer.window(serverBits, 0) != uint8(o.ReceiveWindowBits) ||
				!offer.has(clientBits) || offer[clientBits] != hint || offer.window(clientBits, 15) != uint8(o.SendWindowBits) {
				t.Errorf("%+v: offer %d is %q", o, i, textOf(list))
			}
		}
	}
}

// TestNegotiation_space lets every client meet every server: they always agree, both on the same, and on what both want.
func TestNegotiation_space(t *testing.T) {
	for _, c := range everyOptions() {
		for _, s := range everyOptions() {
			p, answer, ok := s.Accept(c.Offers())
			if !ok {
				t.Fatalf("client %+v, server %+v: %q was declined", c, s, textsOf(c.Offers()))
			}
			if q, err := c.Check(answer); err != nil || q != p {
				t.Fatalf("client %+v, server %+v: %q: the client has %+v, %v; want %+v, nil", c, s, textOf(answer), q, err, p)
			}
			want := agreed(
				!c.ContextTakeover || !s.ContextTakeover || s.ReceiveOnly || c.SendOnly,
				!c.ContextTakeover || !s.ContextTakeover || c.ReceiveOnly || s.SendOnly,
				min(windowOf(s.SendWindowBits), windowOf(c.ReceiveWindowBits)),
				min(windowOf(c.SendWindowBits), windowOf(s.ReceiveWindowBits)),
			)
			if p != want {
				t.Errorf("client %+v, server %+v: %+v; want %+v", c, s, p, want)
			}
		}
	}
}

// TestNegotiation_kept: neither side keeps or changes what it is given, and what it gives is the caller's.
func TestNegotiation_kept(t *testing.T) {
	offers := smallWindows.Offers()
	before := textsOf(offers)
	_, answer, _ := smallWindows.Accept(offers)
	said := textOf(answer)
	want, err := smallWindows.Check(answer)
	if textsOf(offers) != before || textOf(answer) != said || err != nil {
		t.Fatalf("changed to %q, %q, %v; want %q, %q, nil", textsOf(offers), textOf(answer), err, before, said)
	}
	for _, list := range slices.Concat(offers, [][]deflate.Param{answer}) {
		for i := range list {
			list[i] = deflate.Param{Name: "x", Value: "y"}
		}
	}
	if got := textsOf(smallWindows.Offers()); got != before {
		t.Errorf("the next offers are %q; want %q", got, before)
	}
	if got, next, _ := smallWindows.Accept(smallWindows.Offers()); textOf(next) != said || got != want {
		t.Errorf("the next answer is %q, %+v; want %q, %+v", textOf(next), got, said, want)
	}
}

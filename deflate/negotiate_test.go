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

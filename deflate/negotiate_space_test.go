package deflate_test

import (
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

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

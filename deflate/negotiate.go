package deflate

import "fmt"

// Offers returns what a client offers, favourite first: the parameters of one or two elements of Sec-WebSocket-Extensions, each for an
// [Extension] of its own (RFC 7692 section 5.1).
//
// client_max_window_bits is always among them, because this side can obey whatever the server answers. Where ReceiveWindowBits is below 15,
// which a server may be unable to keep to, there is a second offer that keeps the promise about memory in another way: it has
// server_no_context_takeover in the place of server_max_window_bits.
func (o Options) Offers() [][]Param {
	var lists [][]Param
	for _, t := range o.offers() {
		lists = append(lists, t.list())
	}
	return lists
}

func (o Options) offers() []terms {
	var t terms
	t.ServerNoContextTakeover = o.wantsForgetting()
	t.ClientNoContextTakeover = o.forgets()
	t.clientBits = true
	if o.sendBits() < maxWindowBits {
		t.ClientMaxWindowBits = o.sendBits()
	}
	if o.receiveBits() == maxWindowBits {
		return []terms{t}
	}
	fallback := t
	fallback.ServerNoContextTakeover = true
	t.ServerMaxWindowBits = o.receiveBits()
	return []terms{t, fallback}
}

// Accept is the server's part: it takes the client's offers of [Extension], in the order of the header, and accepts the first one that is well
// formed. It returns what is agreed on, and the parameters to answer with, of which there may be none. Where ok is false there is no such offer,
// and no extension is to be answered; a malformed offer is declined and spoils nothing else (RFC 7692 section 7).
//
// The answer promises what the offer and the Options ask of this side, and asks of the client what they do. A client that offers no
// client_max_window_bits cannot be told the size of its window: where ReceiveWindowBits is below 15, it is told not to take its context over.
//
// offers are neither kept nor changed.
func (o Options) Accept(offers [][]Param) (p Params, answer []Param, ok bool) {
	for _, offer := range offers {
		if t, err := parse(offer); err == nil {
			a := o.answer(t)
			return a.resolve(), a.list(), true
		}
	}
	return Params{}, nil, false
}

func (o Options) answer(offer terms) terms {
	var a terms
	send, receive := o.sendBits(), o.receiveBits()

	a.ServerNoContextTakeover = offer.ServerNoContextTakeover || o.forgets()
	if offer.ServerMaxWindowBits != 0 || send < maxWindowBits {
		a.ServerMaxWindowBits = min(offer.resolve().ServerMaxWindowBits, send)
	}

	a.ClientNoContextTakeover = offer.ClientNoContextTakeover || o.wantsForgetting() || receive < maxWindowBits && !offer.clientBits
	// Where the offer does not have it, the answer "MUST NOT include the "client_max_window_bits" extension parameter" (RFC 7692 section 7.1.2.2).
	if offer.ClientMaxWindowBits != 0 || offer.clientBits && receive < maxWindowBits {
		a.clientBits = true
		a.ClientMaxWindowBits = min(offer.resolve().ClientMaxWindowBits, receive)
	}
	return a
}

// resolve returns the Params with the windows that bits which are not there stand for.
func (t terms) resolve() Params {
	p := t.Params
	p.ServerMaxWindowBits = p.Server().WindowBits
	p.ClientMaxWindowBits = p.Client().WindowBits
	return p
}

// Check is the client's part once the server has answered: it takes the parameters of the answer to Offers of the same Options, and returns what
// is agreed on. An answer that is malformed, or good for none of the offers, is an error, after which the client must fail the connection
// (RFC 7692 section 7). That the extension is answered only once is for the caller to see to.
//
// Where this side does less than the answer allows, because the Options say so, the Params say it too.
//
// answer is neither kept nor changed.
func (o Options) Check(answer []Param) (Params, error) {
	a, err := parse(answer)
	if err != nil {
		return Params{}, err
	}
	if a.clientBits && a.ClientMaxWindowBits == 0 {
		return Params{}, &paramError{Param{Name: clientMaxWindowBits}, "has no value", "7.1.2.2"} // legal in an offer alone
	}
	var first error // of the favourite
	for _, offer := range o.offers() {
		err := offer.check(a)
		if err == nil {
			p := a.resolve()
			p.ClientNoContextTakeover = p.ClientNoContextTakeover || o.forgets()
			p.ClientMaxWindowBits = min(p.ClientMaxWindowBits, o.sendBits())
			return p, nil
		}
		if first == nil {
			first = err
		}
	}
	return Params{}, first
}

// check returns an error where a is no answer to t, which is one of offers: it has client_max_window_bits, so that a may have it. The other
// parameters may be answered unasked: they bind the server, or ask of the client not to take its context over, which it can always do.
func (t terms) check(a terms) error {
	switch {
	// "with a value equal to or smaller than the received value"; Offers has the same in each
	case t.ClientMaxWindowBits != 0 && a.ClientMaxWindowBits > t.ClientMaxWindowBits:
		return tooLarge(clientMaxWindowBits, a.ClientMaxWindowBits, t.ClientMaxWindowBits, "7.1.2.2")
	case t.ServerNoContextTakeover && !a.ServerNoContextTakeover:
		return notAnswered(serverNoContextTakeover, "7.1.1.1")
	case t.ServerMaxWindowBits != 0 && a.ServerMaxWindowBits == 0:
		return notAnswered(serverMaxWindowBits, "7.1.2.1")
	case t.ServerMaxWindowBits != 0 && a.ServerMaxWindowBits > t.ServerMaxWindowBits:
		return tooLarge(serverMaxWindowBits, a.ServerMaxWindowBits, t.ServerMaxWindowBits, "7.1.2.1")
	}
	return nil
}

func notAnswered(name, section string) error {
	return fmt.Errorf("deflate: the server did not answer %s (RFC 7692 section %s)", name, section)
}

func tooLarge(name string, answered, offered uint8, section string) error {
	return fmt.Errorf("deflate: the server answered %s=%d to an offer of %d (RFC 7692 section %s)", name, answered, offered, section)
}

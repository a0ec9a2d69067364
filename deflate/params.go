package deflate

import (
	"fmt"
	"slices"
)

// Extension is the token of the extension in Sec-WebSocket-Extensions (RFC 7692 section 7).
const Extension = "permessage-deflate"

// The parameters (RFC 7692 section 7.1). There are no others.
const (
	serverNoContextTakeover = "server_no_context_takeover"
	clientNoContextTakeover = "client_no_context_takeover"
	serverMaxWindowBits     = "server_max_window_bits"
	clientMaxWindowBits     = "client_max_window_bits"
)

// Param is one parameter of the extension. Value is "" where it has none: the grammar of RFC 6455 section 9.1 knows no empty value.
type Param struct{ Name, Value string }

// Params are what both sides agreed on. In those of Accept and Check, bits are 8 to 15; 0 means 15 as well.
type Params struct {
	ServerNoContextTakeover bool  // the server starts each message with an empty window
	ClientNoContextTakeover bool  // the client does
	ServerMaxWindowBits     uint8 // base-2 logarithm of the largest window in bytes that the server compresses with
	ClientMaxWindowBits     uint8 // the client
}

// Direction is what holds for the messages that one side sends.
type Direction struct {
	ContextTakeover bool  // a message may refer to those before it
	WindowBits      uint8 // base-2 logarithm of how far back, in bytes, it may refer: 8 to 15
}

// Server returns the direction of the messages that the server sends.
func (p Params) Server() Direction {
	return Direction{ContextTakeover: !p.ServerNoContextTakeover, WindowBits: resolveBits(int(p.ServerMaxWindowBits))}
}

// Client returns the direction of the messages that the client sends.
func (p Params) Client() Direction {
	return Direction{ContextTakeover: !p.ClientNoContextTakeover, WindowBits: resolveBits(int(p.ClientMaxWindowBits))}
}

// terms are an offer or an answer. Bits of 0 stand for a parameter that is not there, or has no value.
type terms struct {
	Params
	clientBits bool // client_max_window_bits is there
}

// bitsValues are the legal values of the window parameters: "a decimal integer value without leading zeroes between 8 to 15"
// (RFC 7692 section 7.1.2.1). A value that is not among them, letter for letter, is none.
var bitsValues = [...]string{"8", "9", "10", "11", "12", "13", "14", "15"}

// parse reads the parameters of an offer. Those of an answer are a subset of these.
func parse(params []Param) (terms, error) {
	var t terms
	for _, p := range params {
		var again, valid bool
		var section string
		switch p.Name {
		case serverNoContextTakeover:
			section = "7.1.1.1"
			again, valid = t.ServerNoContextTakeover, p.Value == ""
			t.ServerNoContextTakeover = true
		case clientNoContextTakeover:
			section = "7.1.1.2"
			again, valid = t.ClientNoContextTakeover, p.Value == ""
			t.ClientNoContextTakeover = true
		case serverMaxWindowBits:
			section = "7.1.2.1"
			again = t.ServerMaxWindowBits != 0
			t.ServerMaxWindowBits, valid = parseBits(p.Value)
		case clientMaxWindowBits:
			section = "7.1.2.2"
			again = t.clientBits
			t.ClientMaxWindowBits, valid = parseBits(p.Value)
			t.clientBits, valid = true, valid || p.Value == ""
		default:
			return terms{}, &paramError{p, "is no parameter of " + Extension, "7.1"}
		}
		switch {
		case again:
			return terms{}, &paramError{p, "is there twice", "7"}
		case !valid && p.Value == "":
			return terms{}, &paramError{p, "has no value", section}
		case !valid:
			return terms{}, &paramError{p, "has an invalid value", section}
		}
	}
	return t, nil
}

// paramError says what is wrong with a parameter. It puts no words together until it is read, because Accept declines without reading.
type paramError struct {
	param   Param
	wrong   string
	section string
}

// Error repeats no more of what the peer sent than fits a line.
func (e *paramError) Error() string {
	p := fmt.Sprintf("%.40q", e.param.Name)
	if e.param.Value != "" {
		p += fmt.Sprintf(" (%.40q)", e.param.Value)
	}
	return fmt.Sprintf("deflate: the parameter %s %s (RFC 7692 section %s)", p, e.wrong, e.section)
}

func parseBits(v string) (uint8, bool) {
	i := slices.Index(bitsValues[:], v)
	if i < 0 {
		return 0, false
	}
	return uint8(minWindowBits + i), true
}

// list is the inverse of parse.
func (t terms) list() []Param {
	var params []Param
	if t.ServerNoContextTakeover {
		params = append(params, Param{Name: serverNoContextTakeover})
	}
	if t.ClientNoContextTakeover {
		params = append(params, Param{Name: clientNoContextTakeover})
	}
	if t.ServerMaxWindowBits != 0 {
		params = append(params, Param{Name: serverMaxWindowBits, Value: formatBits(t.ServerMaxWindowBits)})
	}
	if t.clientBits {
		params = append(params, Param{Name: clientMaxWindowBits, Value: formatBits(t.ClientMaxWindowBits)})
	}
	return params
}

// formatBits returns "" for 0.
func formatBits(n uint8) string {
	if n == 0 {
		return ""
	}
	return bitsValues[n-minWindowBits]
}

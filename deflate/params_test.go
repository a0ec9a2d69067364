package deflate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/deflate"
)

// params reads "a; b=1", and the empty string as no parameter.
func params(s string) []deflate.Param {
	var list []deflate.Param
	for p := range strings.SplitSeq(s, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(p), "="); name != "" {
			list = append(list, deflate.Param{Name: name, Value: value})
		}
	}
	return list
}

// textOf is the inverse of params.
func textOf(list []deflate.Param) string {
	var parts []string
	for _, p := range list {
		if p.Value != "" {
			p.Name += "=" + p.Value
		}
		parts = append(parts, p.Name)
	}
	return strings.Join(parts, "; ")
}

const (
	serverFresh = "server_no_context_takeover"
	clientFresh = "client_no_context_takeover"
	serverBits  = "server_max_window_bits"
	clientBits  = "client_max_window_bits"
)

var paramNames = []string{serverFresh, clientFresh, serverBits, clientBits}

var bitsOf = map[string]uint8{"8": 8, "9": 9, "10": 10, "11": 11, "12": 12, "13": 13, "14": 14, "15": 15}

// plain is an offer or an answer by the letter of RFC 7692 section 7.1: which parameters it has, and with what values.
type plain map[string]string

// plainRead reads list without the code of the package. ok is false where it is malformed.
func plainRead(list []deflate.Param, answer bool) (p plain, ok bool) {
	p = plain{}
	for _, param := range list {
		if _, again := p[param.Name]; again || !slices.Contains(paramNames, param.Name) {
			return nil, false
		}
		switch _, isBits := bitsOf[param.Value]; {
		case param.Name == serverFresh || param.Name == clientFresh:
			ok = param.Value == ""
		case param.Name == clientBits && !answer:
			ok = isBits || param.Value == ""
		default:
			ok = isBits
		}
		if !ok {
			return nil, false
		}
		p[param.Name] = param.Value
	}
	return p, true
}

// plainReads reads each of lists. A malformed one gives nil.
func plainReads(lists [][]deflate.Param, answer bool) []plain {
	all := make([]plain, len(lists))
	for i, list := range lists {
		all[i], _ = plainRead(list, answer)
	}
	return all
}

func (p plain) has(name string) bool {
	_, ok := p[name]
	return ok
}

// window returns the value of one of the parameters for windows, or most where it is not there or has none.
func (p plain) window(name string, most uint8) uint8 {
	if n, ok := bitsOf[p[name]]; ok {
		return n
	}
	return most
}

var paramTests = []struct {
	rfc  string
	in   string
	want string // in the order of section 7.1
	err  string // a part of the error; "": none
}{
	{"RFC 7692 section 7.1, none", "", "", ""},
	{"RFC 7692 section 7.1, all", "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=15",
		"server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=15", ""},
	{"RFC 7692 section 7.1, in any order", "client_max_window_bits; server_max_window_bits=10; client_no_context_takeover; server_no_context_takeover",
		"server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits", ""},

	{"RFC 7692 section 7.1.1.1, no value", "server_no_context_takeover=1", "", "section 7.1.1.1"},
	{"RFC 7692 section 7.1.1.1, no value", "server_no_context_takeover=true", "", "section 7.1.1.1"},
	{"RFC 7692 section 7.1.1.2, no value", "client_no_context_takeover=15", "", "section 7.1.1.2"},
	{"RFC 7692 section 7.1.2.1, a value", "server_max_window_bits", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, 8 to 15", "server_max_window_bits=7", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, 8 to 15", "server_max_window_bits=16", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, 8 to 15", "server_max_window_bits=0", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, 8 to 15", "server_max_window_bits=266", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, no leading zero", "server_max_window_bits=08", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, no leading zero", "server_max_window_bits=010", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, decimal", "server_max_window_bits=+9", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, decimal", "server_max_window_bits=1_0", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, decimal", "server_max_window_bits=0xa", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, decimal", "server_max_window_bits=9.0", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, decimal", "server_max_window_bits=\u0669", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.1, decimal", "server_max_window_bits=\"10\"", "", "section 7.1.2.1"},
	{"RFC 7692 section 7.1.2.2, 8 to 15", "client_max_window_bits=7", "", "section 7.1.2.2"},
	{"RFC 7692 section 7.1.2.2, 8 to 15", "client_max_window_bits=16", "", "section 7.1.2.2"},
	{"RFC 7692 section 7.1.2.2, no leading zero", "client_max_window_bits=015", "", "section 7.1.2.2"},
	{"RFC 7692 section 7.1.2.2, decimal", "client_max_window_bits=x", "", `"client_max_window_bits" ("x") has an invalid value (RFC 7692 section 7.1.2.2)`},

	{"RFC 7692 section 7, once", "server_no_context_takeover; server_no_context_takeover", "", "section 7)"},
	{"RFC 7692 section 7, once", "client_no_context_takeover; server_no_context_takeover; client_no_context_takeover", "", "section 7)"},
	{"RFC 7692 section 7, once", "server_max_window_bits=10; server_max_window_bits=10", "", "section 7)"},
	{"RFC 7692 section 7, once", "server_max_window_bits=10; server_max_window_bits=9", "", "section 7)"},
	{"RFC 7692 section 7, once", "client_max_window_bits; client_max_window_bits", "", "section 7)"},
	{"RFC 7692 section 7, once", "client_max_window_bits; client_max_window_bits=10", "", "section 7)"},
	{"RFC 7692 section 7, once", "client_max_window_bits=10; client_max_window_bits", "", "section 7)"},

	{"RFC 7692 section 7.1, no others", "x", "", "section 7.1)"},
	{"RFC 7692 section 7.1, no others", "server_max_window_bits=10; mem_level=8", "", "section 7.1)"},
	{"RFC 7692 section 7.1, letter for letter", "Server_No_Context_Takeover", "", "section 7.1)"},
	{"RFC 7692 section 7.1, letter for letter", "CLIENT_MAX_WINDOW_BITS=10", "", "section 7.1)"},
	{"RFC 7692 section 7.1, letter for letter", "server-max-window-bits=10", "", "section 7.1)"},
	{"RFC 7692 section 7.1, of the other extension", "no_context_takeover; max_window_bits=10", "", "section 7.1)"},
}

func TestParams_parse(t *testing.T) {
	for _, tt := range paramTests {
		t.Run(tt.rfc, func(t *testing.T) {
			got, err := deflate.Canonical(params(tt.in))
			if textOf(got) != tt.want {
				t.Errorf("%q: got %q; want %q", tt.in, textOf(got), tt.want)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: got %v; want %q", tt.in, err, tt.err)
			}
		})
	}
}

// TestParams_parse_reflects: what an error repeats of the peer's is short and cannot end a line.
func TestParams_parse_reflects(t *testing.T) {
	long := strings.Repeat("x\r\n\x00", 4<<10)
	for _, p := range []deflate.Param{{Name: long}, {Name: serverBits, Value: long}, {Name: clientBits, Value: long}, {Name: serverFresh, Value: long}} {
		_, err := deflate.Canonical([]deflate.Param{p})
		if err == nil {
			t.Fatalf("%.20q: no error", p)
		}
		if got := err.Error(); len(got) > 300 || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("%.20q: got %d bytes, %.400q", p, len(got), got)
		}
	}
}

// TestParams_parse_order parses all that is well-formed in every order, and writes it in one.
func TestParams_parse_order(t *testing.T) {
	seen := 0
	for _, want := range space(nil, serverFresh, clientFresh, serverBits, clientBits) {
		if _, ok := plainRead(want, false); !ok {
			continue
		}
		permute(want, func(in []deflate.Param) {
			seen++
			got, err := deflate.Canonical(in)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: got %q, %v; want %q, nil", textOf(in), textOf(got), err, textOf(want))
			}
		})
	}
	// By hand, from two flags, one window of 8 and one of 9: the lists of each length, and in how many orders each can be.
	if want := 1*1 + 19*1 + 107*2 + 161*6 + 72*24; seen != want {
		t.Errorf("%d orders; want %d", seen, want)
	}
}

// permute calls f with list in every order.
func permute(list []deflate.Param, f func([]deflate.Param)) {
	var walk func(done, rest []deflate.Param)
	walk = func(done, rest []deflate.Param) {
		if len(rest) == 0 {
			f(done)
		}
		for i := range rest {
			walk(append(slices.Clip(done), rest[i]), slices.Delete(slices.Clone(rest), i, i+1))
		}
	}
	walk(nil, list)
}

// space returns every list that begins with list and goes on with the names, each of them absent, without a value, or with each of
// the values that mean something or nearly do.
func space(list []deflate.Param, rest ...string) [][]deflate.Param {
	if len(rest) == 0 {
		return [][]deflate.Param{list}
	}
	all := space(list, rest[1:]...)
	for _, v := range []string{"", "8", "9", "10", "11", "12", "13", "14", "15", "7", "16", "08", "x"} {
		all = append(all, space(append(slices.Clip(list), deflate.Param{Name: rest[0], Value: v}), rest[1:]...)...)
	}
	return all
}

func directed(takeover bool, bits uint8) deflate.Direction {
	return deflate.Direction{ContextTakeover: takeover, WindowBits: bits}
}

func TestParams_Direction(t *testing.T) {
	for _, tt := range []struct {
		rfc            string
		p              deflate.Params
		server, client deflate.Direction
	}{
		{"RFC 7692 section 7.1, nothing said", deflate.Params{}, directed(true, 15), directed(true, 15)},
		{"RFC 7692 section 7.1.1.1", deflate.Params{ServerNoContextTakeover: true}, directed(false, 15), directed(true, 15)},
		{"RFC 7692 section 7.1.1.2", deflate.Params{ClientNoContextTakeover: true}, directed(true, 15), directed(false, 15)},
		{"RFC 7692 section 7.1.2.1", deflate.Params{ServerMaxWindowBits: 8}, directed(true, 8), directed(true, 15)},
		{"RFC 7692 section 7.1.2.2", deflate.Params{ClientMaxWindowBits: 14}, directed(true, 15), directed(true, 14)},
		{"no such windows", deflate.Params{ServerMaxWindowBits: 7, ClientMaxWindowBits: 255}, directed(true, 8), directed(true, 15)},
	} {
		t.Run(tt.rfc, func(t *testing.T) {
			if diff := cmp.Diff([]deflate.Direction{tt.server, tt.client}, []deflate.Direction{tt.p.Server(), tt.p.Client()}); diff != "" {
				t.Errorf("%+v, server and client (-want +got):\n%s", tt.p, diff)
			}
		})
	}
}

package handshake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

var tokenTests = []struct {
	rfc   string
	lines []string
	want  []string
	ok    bool
}{
	{"no field", nil, nil, true},
	{"RFC 6455 section 1.3", []string{"chat, superchat"}, []string{"chat", "superchat"}, true},
	{"RFC 6455 section 11.3.4, several lines", []string{"chat", "superchat,x"}, []string{"chat", "superchat", "x"}, true},
	{"RFC 9110 section 5.6.1.2, empty elements", []string{",, chat ,\t,", ""}, []string{"chat"}, true},
	{"RFC 6455 section 4.1, 1#token", []string{""}, nil, false},
	{"RFC 6455 section 4.1, 1#token", []string{" , ,", ""}, nil, false},
	{"RFC 6455 section 4.1 item 10, unique", []string{"chat, x, chat"}, nil, false},
	{"RFC 6455 section 4.1 item 10, unique across lines", []string{"chat", "chat"}, nil, false},
	{"case matters", []string{"chat, Chat"}, []string{"chat", "Chat"}, true},
	{"RFC 2616 separators", []string{"a/b"}, nil, false},
	{"a space inside", []string{"a b"}, nil, false},
	{"quotes", []string{`"chat"`}, nil, false},
	{"control character", []string{"a\x00"}, nil, false},
	{"not ASCII", []string{"caf\u00e9"}, nil, false},
	{"a hundred", []string{manyTokens(handshake.MaxElements)}, strings.Split(manyTokens(handshake.MaxElements), ","), true},
	{"a hundred and empty ones", []string{strings.Repeat(",", 1000) + manyTokens(handshake.MaxElements)}, strings.Split(manyTokens(handshake.MaxElements), ","), true},
	{"nine, still unique", []string{"a,b,c,d,e,f,g,h,i"}, strings.Split("abcdefghi", ""), true},
	{"ten, one twice", []string{"a,b,c,d,e,f,g,h,i,a"}, nil, false},
}

// manyTokens is a list of n different tokens.
func manyTokens(n int) string {
	tokens := make([]string, n)
	for i := range tokens {
		tokens[i] = fmt.Sprint("t", i)
	}
	return strings.Join(tokens, ",")
}

// RFC 6585 section 5: over a limit is 431, whether it comes in one line or in several.
func TestMaxElements(t *testing.T) {
	const limit = handshake.MaxElements
	for _, lines := range [][]string{
		{manyTokens(limit + 1)},
		strings.Split(manyTokens(limit+1), ","),
	} {
		if _, err := handshake.ParseTokens(lines); !is431(err) {
			t.Errorf("ParseTokens: got %v; want status 431", err)
		}
		if _, err := handshake.ParseExtensions(lines); !is431(err) {
			t.Errorf("ParseExtensions: got %v; want status 431", err)
		}
	}
	for name, list := range map[string]string{
		"parameters":                "a" + strings.Repeat(";b", limit),
		"parameters of several":     strings.Repeat("a;b;c;d,", limit/4) + "a",
		"parameters of the last":    strings.Repeat("a,", limit-1) + "a;b",
		"parameters without an end": "a" + strings.Repeat(";b", 1<<20),
	} {
		if _, err := handshake.ParseExtensions([]string{list}); !is431(err) {
			t.Errorf("%s: got %v; want status 431", name, err)
		}
	}
	for name, list := range map[string]string{
		"parameters":             "a" + strings.Repeat(";b", limit-1),
		"parameters of several":  strings.Repeat("a;b;c;d,", limit/4),
		"parameters of the last": strings.Repeat("a,", limit-2) + "a;b",
	} {
		if _, err := handshake.ParseExtensions([]string{list}); err != nil {
			t.Errorf("%s, as many as may be: %v", name, err)
		}
	}
}

// What is over the limit is not read first and refused then.
func TestMaxElements_boundsMemory(t *testing.T) {
	for name, list := range map[string]string{
		"parameters": "a" + strings.Repeat(";b", 1<<20),
		"extensions": "a" + strings.Repeat(",b", 1<<20),
	} {
		if n := testing.AllocsPerRun(1, func() { handshake.ParseExtensions([]string{list}) }); n > 16 {
			t.Errorf("%s: got %v allocations; want at most 16", name, n)
		}
	}
	list := manyTokens(1 << 16)
	if n := testing.AllocsPerRun(1, func() { handshake.ParseTokens([]string{list}) }); n > 16 {
		t.Errorf("tokens: got %v allocations; want at most 16", n)
	}
}

func is431(err error) bool {
	e, ok := errors.AsType[*handshake.RejectError](err)
	return ok && e.Status == 431 && e.Section == "RFC 6585 section 5"
}

func TestParseTokens(t *testing.T) {
	for _, tt := range tokenTests {
		t.Run(tt.rfc, func(t *testing.T) {
			got, err := handshake.ParseTokens(tt.lines)
			if (err == nil) != tt.ok {
				t.Fatalf("%q: got error %v; want none: %v", tt.lines, err, tt.ok)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.lines, diff)
			}
			if e, ok := errors.AsType[*handshake.RejectError](err); err != nil && (!ok || e.Status != 400 || e.Section != "RFC 6455 section 4.1") {
				t.Errorf("%q: got %#v; want a RejectError of status 400 and section 4.1", tt.lines, err)
			}
		})
	}
}

func FuzzParseTokens(f *testing.F) {
	for _, tt := range tokenTests {
		f.Add(strings.Join(tt.lines, "\n"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		got, err := handshake.ParseTokens(lines)
		if joined, err2 := handshake.ParseTokens([]string{strings.Join(lines, ",")}); !slices.Equal(got, joined) || (err == nil) != (err2 == nil) {
			t.Fatalf("%q: got %q, %v; as one line %q, %v", lines, got, err, joined, err2)
		}
		if err != nil {
			return
		}
		for i, token := range got {
			if !handshake.HasToken(lines, token) {
				t.Fatalf("%q: %q is in the list, but HasToken does not find it", lines, token)
			}
			if slices.Contains(got[:i], token) {
				t.Fatalf("%q: %q is there twice", lines, token)
			}
		}
		again, err := handshake.ParseTokens([]string{strings.Join(got, ", ")})
		if err != nil || !slices.Equal(again, got) {
			t.Fatalf("%q: got %q, then %q, %v", lines, got, again, err)
		}
	})
}

func TestOffer_SelectSubprotocol(t *testing.T) {
	tests := []struct {
		rfc                string
		offered, supported []string
		want               string
	}{
		{"the server's preference", []string{"a", "b"}, []string{"b", "a"}, "b"},
		{"none in common", []string{"a"}, []string{"b"}, ""},
		{"none offered", nil, []string{"b"}, ""},
		{"none supported", []string{"a"}, nil, ""},
		{"case matters", []string{"Chat"}, []string{"chat"}, ""},
		{"an empty name is none", []string{"a"}, []string{"", "a"}, "a"},
	}
	for _, tt := range tests {
		t.Run(tt.rfc, func(t *testing.T) {
			if got := (handshake.Offer{Subprotocols: tt.offered}).SelectSubprotocol(tt.supported); got != tt.want {
				t.Errorf("got %q; want %q", got, tt.want)
			}
		})
	}
}

func ExampleParseTokens() {
	fmt.Println(handshake.ParseTokens([]string{"chat, superchat", "mqtt"}))
	_, err := handshake.ParseTokens([]string{"chat, chat"})
	fmt.Println(err)
	// Output:
	// [chat superchat mqtt] <nil>
	// handshake: a list of tokens names one twice (status 400, RFC 6455 section 4.1)
}

package handshake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

func ext(name string, params ...handshake.Param) handshake.Extension {
	return handshake.Extension{Name: name, Params: params}
}

func flag(name string) handshake.Param { return handshake.Param{Name: name} }

func value(name, v string) handshake.Param {
	return handshake.Param{Name: name, Value: v, HasValue: true}
}

var extensionTests = []struct {
	rfc   string
	lines []string
	want  []handshake.Extension // nil with lines: an error
}{
	{"RFC 6455 section 9.1", []string{"foo"}, []handshake.Extension{ext("foo")}},
	{"RFC 6455 section 9.1", []string{"bar; baz=2"}, []handshake.Extension{ext("bar", value("baz", "2"))}},
	{"RFC 6455 section 9.1", []string{"foo, bar; baz=2"}, []handshake.Extension{ext("foo"), ext("bar", value("baz", "2"))}},
	{"RFC 6455 section 9.1", []string{"mux; max-channels=4; flow-control, deflate-stream"}, []handshake.Extension{ext("mux", value("max-channels", "4"), flag("flow-control")), ext("deflate-stream")}},
	{"RFC 6455 section 9.1", []string{"private-extension"}, []handshake.Extension{ext("private-extension")}},
	{
		"RFC 7692 section 7.1, alternatives kept apart",
		[]string{"permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate; client_max_window_bits"},
		[]handshake.Extension{
			ext("permessage-deflate", flag("client_max_window_bits"), value("server_max_window_bits", "10")),
			ext("permessage-deflate", flag("client_max_window_bits")),
		},
	},
	{"RFC 7692 section 5.1, quoted value", []string{`permessage-deflate; server_max_window_bits="10"`}, []handshake.Extension{ext("permessage-deflate", value("server_max_window_bits", "10"))}},
	{"RFC 9110 section 5.6.4, quoted pair", []string{`x; a="1\2\3"`}, []handshake.Extension{ext("x", value("a", "123"))}},
	{"RFC 6455 section 9.1, several lines", []string{"foo", "bar; baz=2", "foo"}, []handshake.Extension{ext("foo"), ext("bar", value("baz", "2")), ext("foo")}},
	{"RFC 2616 section 2.1, implied LWS", []string{"\t foo\t;  a = b ; c ,bar "}, []handshake.Extension{ext("foo", value("a", "b"), flag("c")), ext("bar")}},
	{"RFC 2616 section 2.1, empty elements", []string{" , ,,foo,\t,bar,", ""}, []handshake.Extension{ext("foo"), ext("bar")}},
	{"repeated parameter, for the extension to judge", []string{"x; a=1; a=2"}, []handshake.Extension{ext("x", value("a", "1"), value("a", "2"))}},
	{"case is kept", []string{"X; A=B"}, []handshake.Extension{ext("X", value("A", "B"))}},

	{"1#extension", []string{""}, nil},
	{"1#extension", []string{" ,\t, "}, nil},
	{"a sign and no value", []string{"x; a="}, nil},
	{"a sign and no value", []string{"x; a=; b"}, nil},
	{"a sign and no value", []string{"x; a=, y"}, nil},
	{"a value and no sign", []string{"x; a b"}, nil},
	{"two values", []string{"x; a=b=c"}, nil},
	{"no name", []string{"; a"}, nil},
	{"no name", []string{"=a"}, nil},
	{"no parameter name", []string{"x; =1"}, nil},
	{"no parameter", []string{"x;"}, nil},
	{"no parameter", []string{"x; ; a"}, nil},
	{"no parameter", []string{"x;, y"}, nil},
	{"no separator", []string{"x y"}, nil},
	{"no separator", []string{"x/y"}, nil},
	{"value is no token", []string{"x; a=(b)"}, nil},
	{"RFC 6455 section 9.1, quoted value is no token", []string{`x; a=""`}, nil},
	{"RFC 6455 section 9.1, quoted value is no token", []string{`x; a="b c"`}, nil},
	{"RFC 6455 section 9.1, quoted value is no token", []string{`x; a="b,c"`}, nil},
	{"RFC 6455 section 9.1, quoted value is no token", []string{`x; a="b\"c"`}, nil},
	{"RFC 6455 section 9.1, quoted value is no token", []string{`x; a="b\\c"`}, nil},
	{"quotes do not end", []string{`x; a="b`}, nil},
	{"quotes do not end", []string{`x; a="`}, nil},
	{"quotes do not end", []string{`x; a="b\`}, nil},
	{"quotes do not end", []string{`x; a="b\"`}, nil},
	{"quotes do not end", []string{`x; a="b\"\`}, nil},
	{"quotes do not span lines", []string{`x; a="b`, `c"`}, nil},
	{"quoted name", []string{`"x"; a`}, nil},
	{"text behind quotes", []string{`x; a="b"c`}, nil},
	{"control character", []string{"x; a=b\x00"}, nil},
	{"not ASCII", []string{"x\u00e9"}, nil},
	{"no-break space is no LWS", []string{"x;\u00a0a"}, nil},
	{"good, then bad", []string{"x; a=1", "y;"}, nil},
}

func TestParseExtensions(t *testing.T) {
	for _, tt := range extensionTests {
		t.Run(tt.rfc, func(t *testing.T) {
			got, err := handshake.ParseExtensions(tt.lines)
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("%q: got error %v; want %v", tt.lines, err, tt.want)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.lines, diff)
			}
			e, ok := err.(*handshake.RejectError)
			if err != nil && (!ok || e.Status != 400 || e.Section != "RFC 6455 section 9.1") {
				t.Errorf("%q: got %#v; want a RejectError of status 400 and section 9.1", tt.lines, err)
			}
		})
	}
	if got, err := handshake.ParseExtensions(nil); got != nil || err != nil {
		t.Errorf("no field: got %v, %v; want nothing", got, err)
	}
}

func TestExtension_Append(t *testing.T) {
	tests := []struct {
		rfc  string
		e    handshake.Extension
		want string
	}{
		{"name alone", ext("foo"), "foo"},
		{"RFC 6455 section 9.1", ext("a", flag("b"), value("c", "1")), "a; b; c=1"},
		{"a value that is no token", ext("a", value("b", "c d")), `a; b="c d"`},
		{"an empty value", ext("a", value("b", "")), `a; b=""`},
		{"RFC 9110 section 5.6.4, quoted pair", ext("a", value("b", `"\`)), `a; b="\"\\"`},
		{"a value that does not count", ext("a", handshake.Param{Name: "b", Value: "c"}), "a; b"},
		{"CR, LF and NUL never pass", ext("a\r\nX: y", handshake.Param{Name: "b\n", Value: "\r\n\x00", HasValue: true}), `a  X: y; b ="   "`},
	}
	for _, tt := range tests {
		t.Run(tt.rfc, func(t *testing.T) {
			if got := tt.e.String(); got != tt.want {
				t.Errorf("String: got %q; want %q", got, tt.want)
			}
			if got := string(tt.e.Append([]byte("x, "))); got != "x, "+tt.want {
				t.Errorf("Append: got %q; want %q", got, "x, "+tt.want)
			}
		})
	}
}

func joinExtensions(list []handshake.Extension) string {
	var b strings.Builder
	for i, e := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.String())
	}
	return b.String()
}

func FuzzParseExtensions(f *testing.F) {
	for _, tt := range extensionTests {
		f.Add(strings.Join(tt.lines, "\n"))
	}
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Split(s, "\n")
		got, err := handshake.ParseExtensions(lines)
		if err != nil {
			return
		}
		text := joinExtensions(got)
		if strings.Contains(text, `"`) {
			t.Fatalf("%q: got %q, with a value that is no token", lines, text)
		}
		again, err := handshake.ParseExtensions([]string{text})
		if err != nil {
			t.Fatalf("%q: got %q, which gives %v", lines, text, err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatalf("%q by way of %q:\n%s", lines, text, diff)
		}
		// Values of any bytes stay in their place, quoted.
		got[0].Params = append(got[0].Params, value("any", s))
		quoted := got[0].String()
		if strings.ContainsAny(quoted, "\r\n\x00") {
			t.Fatalf("%q: got %q, with CR, LF or NUL", s, quoted)
		}
	})
}

func ExampleParseExtensions() {
	list, err := handshake.ParseExtensions([]string{
		`permessage-deflate; server_max_window_bits="10"; client_max_window_bits`,
		`permessage-deflate`,
	})
	for _, e := range list {
		fmt.Println(e.Name, len(e.Params), "parameters:", e)
	}
	fmt.Println(err)
	// Output:
	// permessage-deflate 2 parameters: permessage-deflate; server_max_window_bits=10; client_max_window_bits
	// permessage-deflate 0 parameters: permessage-deflate
	// <nil>
}

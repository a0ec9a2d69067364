package handshake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

var originTests = []struct {
	rfc, in string
	want    handshake.Origin
	ok      bool
	text    string
}{
	{"RFC 6454 section 6.2", "http://example.com", handshake.Origin{Scheme: "http", Host: "example.com"}, true, "http://example.com"},
	{"RFC 6454 section 6.2", "https://example.com:8443", handshake.Origin{Scheme: "https", Host: "example.com", Port: "8443"}, true, "https://example.com:8443"},
	{"RFC 6454 section 4, default port", "http://example.com:80", handshake.Origin{Scheme: "http", Host: "example.com"}, true, "http://example.com"},
	{"RFC 6454 section 4, default port", "https://example.com:443", handshake.Origin{Scheme: "https", Host: "example.com"}, true, "https://example.com"},
	{"another scheme's port", "https://example.com:80", handshake.Origin{Scheme: "https", Host: "example.com", Port: "80"}, true, "https://example.com:80"},
	{"RFC 6454 section 4, case", "HTTP://Example.COM", handshake.Origin{Scheme: "http", Host: "example.com"}, true, "http://example.com"},
	{"leading zeros", "http://a:08080", handshake.Origin{Scheme: "http", Host: "a", Port: "8080"}, true, "http://a:8080"},
	{"empty port", "http://a:", handshake.Origin{Scheme: "http", Host: "a"}, true, "http://a"},
	{"IPv4", "http://192.0.2.1:81", handshake.Origin{Scheme: "http", Host: "192.0.2.1", Port: "81"}, true, "http://192.0.2.1:81"},
	{"IPv6", "http://[::1]:81", handshake.Origin{Scheme: "http", Host: "::1", Port: "81"}, true, "http://[::1]:81"},
	{"IPv6, long form", "http://[0:0:0:0:0:0:0:1]", handshake.Origin{Scheme: "http", Host: "::1"}, true, "http://[::1]"},
	{"RFC 6454 section 7.1", "null", handshake.Origin{}, true, "null"},
	{"an extension of a browser", "chrome-extension://abcdef", handshake.Origin{Scheme: "chrome-extension", Host: "abcdef"}, true, "chrome-extension://abcdef"},
	{"empty", "", handshake.Origin{}, false, ""},
	{"no scheme", "example.com", handshake.Origin{}, false, ""},
	{"no scheme", "://example.com", handshake.Origin{}, false, ""},
	{"no host", "http://", handshake.Origin{}, false, ""},
	{"no host", "file://", handshake.Origin{}, false, ""},
	{"no host", "http://:80", handshake.Origin{}, false, ""},
	{"a path", "http://example.com/", handshake.Origin{}, false, ""},
	{"a path", "http://example.com/a", handshake.Origin{}, false, ""},
	{"a query", "http://example.com?a", handshake.Origin{}, false, ""},
	{"a user", "http://example.com@evil.net", handshake.Origin{}, false, ""},
	{"a backslash", `http://evil.net\.example.com`, handshake.Origin{}, false, ""},
	{"a percent sign", "http://evil.net%2f.example.com", handshake.Origin{}, false, ""},
	{"a list", "http://example.com http://evil.net", handshake.Origin{}, false, ""},
	{"a list", "http://example.com,http://evil.net", handshake.Origin{}, false, ""},
	{"white space", " http://example.com", handshake.Origin{}, false, ""},
	{"scheme of other bytes", "ht tp://example.com", handshake.Origin{}, false, ""},
	{"scheme begins with a digit", "1http://example.com", handshake.Origin{}, false, ""},
	{"NULL", "NULL", handshake.Origin{}, false, ""},
	{"port", "http://example.com:65536", handshake.Origin{}, false, ""},
	{"port", "http://example.com:http", handshake.Origin{}, false, ""},
	{"zone", "http://[fe80::1%25eth0]", handshake.Origin{}, false, ""},
	{"not ASCII", "http://ex\u00e4mple.com", handshake.Origin{}, false, ""},
}

func TestParseOrigin(t *testing.T) {
	for _, tt := range originTests {
		got, err := handshake.ParseOrigin(tt.in)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%s: %q: got %#v, %v; want %#v, ok %v", tt.rfc, tt.in, got, err, tt.want, tt.ok)
		}
		if tt.ok && got.String() != tt.text {
			t.Errorf("%s: %q: got String %q; want %q", tt.rfc, tt.in, got, tt.text)
		}
	}
}

func mustOrigin(t testing.TB, s string) handshake.Origin {
	t.Helper()
	o, err := handshake.ParseOrigin(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var sameTests = []struct {
	rfc, origin, scheme, host string
	want                      bool
}{
	{"RFC 6454 section 5", "http://example.com", "http", "example.com", true},
	{"RFC 6454 section 5, port filled in", "http://example.com", "http", "example.com:80", true},
	{"RFC 6454 section 5, port filled in", "https://example.com:443", "https", "example.com", true},
	{"RFC 6454 section 5, port", "http://example.com:8080", "http", "example.com:8080", true},
	{"RFC 6454 section 5, another port", "http://example.com:8080", "http", "example.com", false},
	{"RFC 6454 section 5, another port", "http://example.com", "http", "example.com:8080", false},
	{"RFC 6454 section 5, another host", "http://example.com", "http", "www.example.com", false},
	{"RFC 6454 section 5, another host", "http://example.com.evil.net", "http", "example.com", false},
	{"RFC 6454 section 5, another host", "http://evil-example.com", "http", "example.com", false},
	{"RFC 6454 section 5, another scheme", "http://example.com", "https", "example.com", false},
	{"RFC 6454 section 5, another scheme", "https://example.com", "http", "example.com", false},
	{"RFC 6455 section 3, ws is http", "http://example.com", "ws", "example.com", true},
	{"RFC 6455 section 3, wss is https", "https://example.com", "wss", "example.com", true},
	{"RFC 6455 section 3, wss is not http", "http://example.com", "wss", "example.com", false},
	{"case", "HTTP://EXAMPLE.com", "HTTP", "example.COM", true},
	{"scheme not known", "http://example.com", "", "example.com", true},
	{"scheme not known", "https://example.com", "", "example.com", true},
	{"scheme not known, port of the origin's", "https://example.com", "", "example.com:443", true},
	{"scheme not known, port of another", "https://example.com", "", "example.com:80", false},
	{"IPv6", "http://[::1]:8080", "http", "[0:0::1]:8080", true},
	{"IPv6, another", "http://[::1]", "http", "[::2]", false},
	{"IPv4 is not its IPv6 form", "http://192.0.2.1", "http", "[::ffff:192.0.2.1]", false},
	{"trailing dot", "http://example.com.", "http", "example.com", false},
	{"null", "null", "", "example.com", false},
	{"null", "null", "http", "", false},
	{"a scheme without a site", "chrome-extension://example.com", "", "example.com", false},
	{"a scheme without a site", "chrome-extension://example.com", "chrome-extension", "example.com", false},
	{"a request by no web scheme", "http://example.com", "ftp", "example.com", false},
	{"no host", "http://example.com", "http", "", false},
	{"malformed host", "http://example.com", "http", "example.com:80:80", false},
}

func TestOrigin_Same(t *testing.T) {
	for _, tt := range sameTests {
		if got := mustOrigin(t, tt.origin).Same(tt.scheme, tt.host); got != tt.want {
			t.Errorf("%s: %s, %q, %q: got %v; want %v", tt.rfc, tt.origin, tt.scheme, tt.host, got, tt.want)
		}
	}
}

var matchTests = []struct {
	why, origin, pattern string
	want                 bool
}{
	{"host", "http://example.com", "example.com", true},
	{"host", "https://example.com", "example.com", true},
	{"host, case", "https://Example.com", "EXAMPLE.COM", true},
	{"whole labels", "https://evil-example.com", "example.com", false},
	{"whole labels", "https://example.com.evil.net", "example.com", false},
	{"not below", "https://www.example.com", "example.com", false},
	{"default port alone", "https://example.com:8443", "example.com", false},
	{"default port, named", "https://example.com", "example.com:443", true},
	{"port", "https://example.com:8443", "example.com:8443", true},
	{"port of another scheme", "http://example.com", "example.com:443", false},
	{"any port", "http://localhost:5173", "localhost:*", true},
	{"any port", "http://localhost", "localhost:*", true},
	{"any port, another host", "http://localhost.evil.net:1", "localhost:*", false},
	{"below", "https://www.example.com", "*.example.com", true},
	{"below, deeper", "https://a.b.example.com", "*.example.com", true},
	{"below, not itself", "https://example.com", "*.example.com", false},
	{"below, whole labels", "https://evil-example.com", "*.example.com", false},
	{"below, whole labels", "https://example.com.evil.net", "*.example.com", false},
	{"below, an empty label", "https://.example.com", "*.example.com", false},
	{"all of it", "https://www.example.com:8443", "https://*.example.com:8443", true},
	{"all of it, another port", "https://www.example.com", "https://*.example.com:8443", false},
	{"all of it, another scheme", "http://www.example.com:8443", "https://*.example.com:8443", false},
	{"all of it, any port", "https://www.example.com:1", "https://*.example.com:*", true},
	{"scheme", "https://example.com", "https://example.com", true},
	{"scheme, case", "https://example.com", "HTTPS://example.com", true},
	{"wss is https", "https://example.com", "wss://example.com", true},
	{"another scheme", "http://example.com", "https://example.com", false},
	{"IPv6", "http://[::1]:8080", "[0::1]:8080", true},
	{"IPv6", "http://[::1]", "http://[::1]", true},
	{"IPv6, any port", "http://[::1]:9", "[::1]:*", true},
	{"IPv6, another", "http://[::1]", "[::2]", false},
	{"an address has no labels", "http://127.0.0.1", "*.0.0.1", false},
	{"an address has no labels", "http://[::1]", "*.1", false},
	{"a scheme that is named", "chrome-extension://abc", "chrome-extension://abc", true},
	{"a scheme that is named, ASCII only: Kelvin sign", "k://abc", "\u212a://abc", false},
	{"a scheme that is not", "chrome-extension://abc", "abc", false},
	{"a scheme that is not", "chrome-extension://www.example.com", "*.example.com", false},
	{"null", "null", "null", false},
	{"null", "null", "*", false},
	{"null", "null", "", false},
	{"null", "null", "://", false},
	{"star alone", "https://example.com", "*", false},
	{"star alone", "https://example.com", "*.", false},
	{"star elsewhere", "https://example.com", "example.*", false},
	{"star elsewhere", "https://www.example.com", "w*.example.com", false},
	{"star elsewhere", "https://www.example.com", "*example.com", false},
	{"star elsewhere", "https://a.b.example.com", "*.*.example.com", false},
	{"star elsewhere", "https://example.com", "*://example.com", false},
	{"malformed", "https://example.com", "", false},
	{"malformed", "https://example.com", "https://", false},
	{"malformed", "https://example.com", "https://example.com/", false},
	{"malformed", "https://example.com", "example.com:99999", false},
	{"malformed", "https://example.com", "https://example.com:*:*", false},
}

func TestOrigin_Match(t *testing.T) {
	for _, tt := range matchTests {
		if got := mustOrigin(t, tt.origin).Match(tt.pattern); got != tt.want {
			t.Errorf("%s: %s and %q: got %v; want %v", tt.why, tt.origin, tt.pattern, got, tt.want)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	for _, tt := range originTests {
		f.Add(tt.in, "example.com", "http")
	}
	for _, tt := range sameTests {
		f.Add(tt.origin, tt.host, tt.scheme)
	}
	for _, tt := range matchTests {
		f.Add(tt.origin, tt.pattern, "")
	}
	f.Fuzz(func(t *testing.T, s, other, scheme string) {
		o, err := handshake.ParseOrigin(s)
		if err != nil {
			if o != (handshake.Origin{}) {
				t.Fatalf("%q: got %v with %v", s, o, err)
			}
			return
		}
		again, err := handshake.ParseOrigin(o.String())
		if err != nil || again != o {
			t.Fatalf("%q: got %#v, by way of %q %#v, %v", s, o, o.String(), again, err)
		}
		if o == (handshake.Origin{}) {
			if o.Same(scheme, other) || o.Match(other) {
				t.Fatalf("null is the same as or matches %q", other)
			}
			return
		}
		host := strings.TrimPrefix(o.String(), o.Scheme+"://")
		if !o.Match(o.String()) || o.Match("*."+host) {
			t.Fatalf("%v: matches itself %v, lies below itself %v", o, o.Match(o.String()), o.Match("*."+host))
		}
		web := o.Scheme == "http" || o.Scheme == "https" || o.Scheme == "ws" || o.Scheme == "wss"
		if o.Same(o.Scheme, host) != web || o.Same("", host) != web || o.Match(host) != web {
			t.Fatalf("%v and its own %q: got %v, %v, %v; want %v", o, host, o.Same(o.Scheme, host), o.Same("", host), o.Match(host), web)
		}
		// A host that is the same is one that the origin matches as a pattern, and the other way
		// round.
		if !strings.ContainsAny(other, "*") && !strings.Contains(other, "://") && o.Same("", other) != o.Match(other) {
			t.Fatalf("%v and %q: got Same %v, Match %v", o, other, o.Same("", other), o.Match(other))
		}
		if o.Same(scheme, other) && !o.Same("", other) {
			t.Fatalf("%v and %q: the same by %q, and not by an unknown scheme", o, other, scheme)
		}
		// What a pattern with a star matches ends in the rest of it, behind a dot.
		if below, ok := strings.CutPrefix(other, "*."); ok && o.Match(other) {
			rest, _, _ := strings.Cut(below, ":")
			if !strings.HasSuffix(o.Host, "."+strings.ToLower(rest)) {
				t.Fatalf("%v matches %q", o, other)
			}
		}
	})
}

func ExampleParseOrigin() {
	origin, err := handshake.ParseOrigin("https://App.example.com:443")
	fmt.Println(origin, err)
	fmt.Println(origin.Same("https", "app.example.com"))
	fmt.Println(origin.Match("*.example.com"), origin.Match("example.com"), origin.Match("https://app.example.com:8443"))
	// Output:
	// https://app.example.com <nil>
	// true
	// true false false
}

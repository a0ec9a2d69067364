package handshake_test

import (
	"bufio"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

const sampleKey = "dGhlIHNhbXBsZSBub25jZQ=="

// good is a handshake that every test below breaks in one way.
const good = "GET /chat?x=1 HTTP/1.1\r\n" +
	"Host: example.com\r\n" +
	"Upgrade: websocket\r\n" +
	"Connection: Upgrade\r\n" +
	"Sec-WebSocket-Key: " + sampleKey + "\r\n" +
	"Sec-WebSocket-Version: 13\r\n" +
	"\r\n"

// with is good with one part replaced.
func with(old, new string) string {
	if !strings.Contains(good, old) {
		panic("not in the sample: " + old)
	}
	return strings.Replace(good, old, new, 1)
}

// also is good with further lines.
func also(lines ...string) string {
	return strings.TrimSuffix(good, "\r\n") + strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// requestTests are heads that are refused. The last column is what CheckRequest says about what
// http.ReadRequest makes of it: the same, unless "net/http" refuses it already, or is "lenient" and
// hides the fault.
var requestTests = []struct {
	name, rfc, head string
	status          int
	notUpgrade      bool
	netHTTP         string
}{
	// The request line.
	{"POST", "RFC 6455 section 4.2.1", with("GET", "POST"), 405, false, ""},
	{"POST, plain", "RFC 6455 section 4.2.1", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", 405, true, ""},
	{"HEAD", "RFC 6455 section 4.2.1", with("GET", "HEAD"), 405, false, ""},
	{"method in lower case", "RFC 6455 section 4.2.1", with("GET", "get"), 405, false, ""},
	{"OPTIONS *", "RFC 6455 section 4.2.1", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405, true, ""},
	{"CONNECT authority", "RFC 6455 section 4.2.1", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405, true, ""},
	{"CONNECT to nobody", "RFC 9112 section 3.2.3", "CONNECT : HTTP/1.1\r\nHost: a:443\r\n\r\n", 400, false, ""},
	{"method is no token", "RFC 9112 section 3", with("GET", "G(T"), 400, false, "net/http"},
	{"no method", "RFC 9112 section 3", with("GET ", " "), 400, false, "net/http"},
	{"two spaces", "RFC 9112 section 3", with("GET ", "GET  "), 400, false, "net/http"},
	{"tabs", "RFC 9112 section 3", with("GET /chat?x=1 ", "GET\t/chat?x=1\t"), 400, false, "net/http"},
	{"no version", "RFC 9112 section 3", with(" HTTP/1.1", ""), 400, false, "net/http"},
	{"trailing space", "RFC 9112 section 2.3", with("HTTP/1.1", "HTTP/1.1 "), 400, false, "net/http"},
	{"version in lower case", "RFC 9112 section 2.3", with("HTTP/1.1", "http/1.1"), 400, false, "net/http"},
	{"version 1.10", "RFC 9112 section 2.3", with("HTTP/1.1", "HTTP/1.10"), 400, false, "net/http"},
	{"version 1.x", "RFC 9112 section 2.3", with("HTTP/1.1", "HTTP/1.x"), 400, false, "net/http"},
	{"HTTP/1.0 ignores Upgrade", "RFC 6455 section 4.2.1", with("HTTP/1.1", "HTTP/1.0"), 400, true, ""},
	{"HTTP/1.0 ignores Upgrade, POST", "RFC 6455 section 4.2.1", strings.Replace(with("HTTP/1.1", "HTTP/1.0"), "GET", "POST", 1), 405, true, ""},
	{"HTTP/1.0 without Host", "RFC 6455 section 4.2.1", "GET / HTTP/1.0\r\n\r\n", 400, true, ""},
	{"HTTP/2.0", "RFC 6455 section 4.2.1", with("HTTP/1.1", "HTTP/2.0"), 505, true, ""},
	{"HTTP/2 preface", "RFC 6455 section 4.2.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true, ""},
	{"HTTP/0.9", "RFC 6455 section 4.2.1", with("HTTP/1.1", "HTTP/0.9"), 505, false, ""},
	{"target *", "RFC 9112 section 3.2", with("/chat?x=1", "*"), 400, false, ""},
	{"target in authority-form", "RFC 9112 section 3.2", with("/chat?x=1", "example.com:80"), 400, false, ""},
	{"target without slash", "RFC 9112 section 3.2", with("/chat?x=1", "chat"), 400, false, "net/http"},
	{"target with fragment", "RFC 9112 section 3.2", with("/chat?x=1", "/chat#x"), 400, false, ""},
	{"target not ASCII", "RFC 9112 section 3", with("/chat?x=1", "/caf\u00e9"), 400, false, ""},
	{"target with a control character", "RFC 9112 section 3", with("/chat?x=1", "/a\x01"), 400, false, "net/http"},
	{"target with half a percent-encoding", "RFC 9112 section 3.2", with("/chat?x=1", "/a%2"), 400, false, "net/http"},
	{"target of another scheme", "RFC 9112 section 3.2", with("/chat?x=1", "ws://example.com/"), 400, false, ""},
	{"target with user", "RFC 9112 section 3.2", with("/chat?x=1", "http://me@example.com/"), 400, false, ""},
	{"target without host", "RFC 9112 section 3.2", with("/chat?x=1", "http:///x"), 400, false, ""},

	// Host.
	{"no Host", "RFC 9112 section 3.2", with("Host: example.com\r\n", ""), 400, false, ""},
	{"no Host, plain", "RFC 9112 section 3.2", "GET / HTTP/1.1\r\n\r\n", 400, false, ""},
	{"no Host but an absolute target", "RFC 9112 section 3.2", strings.Replace(with("Host: example.com\r\n", ""), "/chat", "http://example.com/chat", 1), 400, false, "lenient"},
	{"empty Host", "RFC 9112 section 3.2", with("Host: example.com", "Host:"), 400, false, ""},
	{"two Hosts", "RFC 9112 section 3.2", also("Host: example.com"), 400, false, "net/http"},
	{"a list in Host", "RFC 9112 section 3.2", with("Host: example.com", "Host: a, b"), 400, false, ""},
	{"a URL in Host", "RFC 9112 section 3.2", with("Host: example.com", "Host: http://example.com"), 400, false, ""},
	{"a user in Host", "RFC 9112 section 3.2", with("Host: example.com", "Host: me@example.com"), 400, false, ""},
	{"a bad port in Host", "RFC 9112 section 3.2", with("Host: example.com", "Host: example.com:65536"), 400, false, ""},

	// Field lines.
	{"space before colon", "RFC 9112 section 5.1", with("Upgrade:", "Upgrade :"), 400, false, "lenient"},
	{"tab before colon", "RFC 9112 section 5.1", with("Upgrade:", "Upgrade\t:"), 400, false, "net/http"},
	{"folded line", "RFC 9112 section 5.1", also("X: a", " b"), 400, false, "lenient"},
	{"folded line, tab", "RFC 9112 section 5.1", also("X: a", "\tb"), 400, false, "lenient"},
	{"first line folded", "RFC 9112 section 5.1", with("Host:", " Host:"), 400, false, "net/http"},
	{"no name", "RFC 9112 section 5.1", also(": a"), 400, false, "net/http"},
	{"no colon", "RFC 9112 section 5.1", also("a"), 400, false, "net/http"},
	{"name not ASCII", "RFC 9112 section 5.1", also("\u00e9: a"), 400, false, "net/http"},
	{"name with NUL", "RFC 9112 section 5.1", also("a\x00: a"), 400, false, "net/http"},
	{"name with slash", "RFC 9112 section 5.1", also("a/b: a"), 400, false, "net/http"},
	{"NUL in a value", "RFC 9110 section 5.5", also("X: a\x00b"), 400, false, "net/http"},
	{"DEL in a value", "RFC 9110 section 5.5", also("X: a\x7fb"), 400, false, "net/http"},
	{"bare CR in a value", "RFC 9110 section 5.5", also("X: a\rb"), 400, false, "net/http"},
	{"bare CR ends a value", "RFC 9110 section 5.5", also("X: a\r"), 400, false, "net/http"},
	{"bare CR for a line end", "RFC 9110 section 5.5", with("\r\nUpgrade", "\rUpgrade"), 400, false, "net/http"},
	{"bare LF", "RFC 9112 section 2.2", with("\r\nUpgrade", "\nUpgrade"), 400, false, "lenient"},
	{"bare LF at the end", "RFC 9112 section 2.2", strings.TrimSuffix(good, "\r\n") + "\n", 400, false, "lenient"},
	{"empty line first", "RFC 9112 section 2.1", "\r\n" + good, 400, false, "net/http"},
	{"empty line first, bare", "RFC 9112 section 2.2", "\n" + good, 400, false, "net/http"},

	// A body.
	{"Content-Length", "RFC 6455 section 4.2.1", also("Content-Length: 5"), 400, false, ""},
	{"Content-Length too long for any number", "RFC 6455 section 4.2.1", also("Content-Length: " + strings.Repeat("9", 30)), 400, false, "net/http"},
	{"Transfer-Encoding", "RFC 6455 section 4.2.1", also("Transfer-Encoding: chunked"), 400, false, ""},
	{"Transfer-Encoding of another kind", "RFC 6455 section 4.2.1", also("Transfer-Encoding: gzip"), 400, false, "net/http"},
	{"Content-Length malformed", "RFC 9112 section 6.3", also("Content-Length: +0"), 400, false, "net/http"},
	{"Content-Length empty", "RFC 9112 section 6.3", also("Content-Length:"), 400, false, "net/http"},
	{"Content-Length list", "RFC 9112 section 6.3", also("Content-Length: 0, 0"), 400, false, "net/http"},
	{"Content-Length twice, different", "RFC 9112 section 6.3", also("Content-Length: 0", "Content-Length: 5"), 400, false, "net/http"},
	{"Content-Length twice", "RFC 9112 section 6.3", also("Content-Length: 0", "Content-Length: 0"), 400, false, "lenient"},
	{"both", "RFC 9112 section 6.1", also("Content-Length: 0", "Transfer-Encoding: chunked"), 400, false, ""},

	// The upgrade.
	{"plain GET", "RFC 6455 section 4.2.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426, true, ""},
	{"plain GET with a body", "RFC 6455 section 4.2.1", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", 426, true, ""},
	{"no Upgrade", "RFC 6455 section 4.2.1", with("Upgrade: websocket\r\n", ""), 426, true, ""},
	{"another protocol", "RFC 6455 section 4.2.1", with("websocket\r\n", "h2c\r\n"), 426, true, ""},
	{"websocket with a version", "RFC 6455 section 4.2.1", with("websocket\r\n", "websocket/13\r\n"), 426, true, ""},
	{"Kelvin sign", "RFC 6455 section 4.2.1", with("websocket\r\n", "websoc\u212aet\r\n"), 426, true, ""},
	{"no Connection", "RFC 9110 section 7.6.1", with("Connection: Upgrade\r\n", ""), 426, true, ""},
	{"Connection without upgrade", "RFC 9110 section 7.6.1", with("Connection: Upgrade", "Connection: keep-alive"), 426, true, ""},
	{"no version", "RFC 6455 section 4.4", with("Sec-WebSocket-Version: 13\r\n", ""), 426, false, ""},
	{"version 8", "RFC 6455 section 4.4", with("Version: 13", "Version: 8"), 426, false, ""},
	{"version 013", "RFC 6455 section 4.4", with("Version: 13", "Version: 013"), 426, false, ""},
	{"version list", "RFC 6455 section 4.4", with("Version: 13", "Version: 13, 8"), 426, false, ""},
	{"two versions", "RFC 6455 section 11.3.5", also("Sec-WebSocket-Version: 13"), 400, false, ""},
	{"no key", "RFC 6455 section 11.3.1", with("Sec-WebSocket-Key: "+sampleKey+"\r\n", ""), 400, false, ""},
	{"two keys", "RFC 6455 section 11.3.1", also("sec-websocket-key: " + sampleKey), 400, false, ""},
	{"empty key", "RFC 6455 section 4.2.1", with(sampleKey, ""), 400, false, ""},
	{"key of 15 bytes", "RFC 6455 section 4.2.1", with(sampleKey, "dGhlIHNhbXBsZSBub25j"), 400, false, ""},
	{"key of 17 bytes", "RFC 6455 section 4.2.1", with(sampleKey, "dGhlIHNhbXBsZSBub25jZWU="), 400, false, ""},
	{"key of 18 bytes", "RFC 6455 section 4.2.1", with(sampleKey, "dGhlIHNhbXBsZSBub25jZWVl"), 400, false, ""},
	{"key in the URL alphabet", "RFC 6455 section 4.2.1", with(sampleKey, "dGhlIHNhbXBsZSBub25j_-=="), 400, false, ""},
	{"key without padding", "RFC 6455 section 4.2.1", with(sampleKey, "dGhlIHNhbXBsZSBub25jZQ"), 400, false, ""},
	{"two Origins", "RFC 6454 section 7.3", also("Origin: http://a", "Origin: http://b"), 400, false, ""},
	{"empty Origin", "RFC 6454 section 7.1", also("Origin:"), 400, false, ""},
	{"subprotocol twice", "RFC 6455 section 4.1", also("Sec-WebSocket-Protocol: a, a"), 400, false, ""},
	{"subprotocol is no token", "RFC 6455 section 4.1", also("Sec-WebSocket-Protocol: a b"), 400, false, ""},
	{"subprotocol empty", "RFC 6455 section 4.1", also("Sec-WebSocket-Protocol:"), 400, false, ""},
	{"extension malformed", "RFC 6455 section 9.1", also("Sec-WebSocket-Extensions: a; b="), 400, false, ""},
	{"extension empty", "RFC 6455 section 9.1", also("Sec-WebSocket-Extensions:"), 400, false, ""},
}

// section is the part of rfc that a RejectError names, for the rows where the rule lies elsewhere.
func section(rfc string) string {
	if rfc == "RFC 9110 section 7.6.1" {
		return "RFC 6455 section 4.2.1"
	}
	return rfc
}

func TestParseRequest_refused(t *testing.T) {
	for _, tt := range requestTests {
		t.Run(tt.name, func(t *testing.T) {
			o, n, err := arriveRequest(t, []byte(tt.head+"frames"))
			e, ok := errors.AsType[*handshake.RejectError](err)
			if !ok {
				t.Fatalf("got %v; want a RejectError", err)
			}
			if e.Status != tt.status || e.NotUpgrade != tt.notUpgrade || e.Section != section(tt.rfc) {
				t.Errorf("got %v, NotUpgrade %v; want status %d, %s, NotUpgrade %v", e, e.NotUpgrade, tt.status, tt.rfc, tt.notUpgrade)
			}
			if !cmp.Equal(o, handshake.Offer{}) {
				t.Errorf("got offer %v; want none", o)
			}
			want := 0
			if tt.notUpgrade {
				want = strings.Index(tt.head, "\r\n\r\n") + 4
			}
			if n != want {
				t.Errorf("got n = %d; want %d", n, want)
			}
		})
	}
}

// What net/http hides from CheckRequest is listed row by row, so a change there shows.
func TestCheckRequest_refused(t *testing.T) {
	for _, tt := range requestTests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(tt.head)))
			if refused := err != nil; refused != (tt.netHTTP == "net/http") {
				t.Fatalf("http.ReadRequest: got %v; the table says %q", err, tt.netHTTP)
			}
			if err != nil {
				return
			}
			_, err = handshake.CheckRequest(r)
			if tt.netHTTP == "lenient" {
				if e, ok := errors.AsType[*handshake.RejectError](err); ok && !e.NotUpgrade {
					t.Fatalf("got %v; the table says net/http hides the fault", err)
				}
				return
			}
			e, ok := errors.AsType[*handshake.RejectError](err)
			if !ok {
				t.Fatalf("got %v; want a RejectError", err)
			}
			if e.Status != tt.status || e.NotUpgrade != tt.notUpgrade {
				t.Errorf("got %v, NotUpgrade %v; want status %d, NotUpgrade %v", e, e.NotUpgrade, tt.status, tt.notUpgrade)
			}
		})
	}
}

func TestRejectError_header(t *testing.T) {
	tests := []struct {
		rfc, head, field, want string
	}{
		{"RFC 9110 section 15.5.6", with("GET", "PUT"), "Allow", "GET"},
		{"RFC 9110 section 15.5.22", with("Upgrade: websocket\r\n", ""), "Upgrade", "websocket"},
		{"RFC 9110 section 7.8", with("Upgrade: websocket\r\n", ""), "Connection", "Upgrade"},
		{"RFC 6455 section 4.4", with("Version: 13", "Version: 14"), "Sec-WebSocket-Version", "13"},
		{"RFC 9110 section 15.5.22", with("Version: 13", "Version: 14"), "Upgrade", "websocket"},
	}
	for _, tt := range tests {
		t.Run(tt.rfc, func(t *testing.T) {
			_, _, err := handshake.ParseRequest([]byte(tt.head))
			if e, ok := errors.AsType[*handshake.RejectError](err); !ok || e.Header.Get(tt.field) != tt.want {
				t.Errorf("got %#v; want %s: %s", err, tt.field, tt.want)
			}
		})
	}
}

package handshake_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

func TestParseRequest(t *testing.T) {
	base := handshake.Offer{Target: "/chat?x=1", Host: "example.com", Key: sampleKey}
	offer := func(change func(*handshake.Offer)) handshake.Offer {
		o := base
		change(&o)
		return o
	}
	tests := []struct {
		name, rfc, head string
		want            handshake.Offer // without Header
	}{
		{"plain", "RFC 6455 section 4.2.1", good, base},
		{"the sample", "RFC 6455 section 1.2", also("Origin: http://example.com", "Sec-WebSocket-Protocol: chat, superchat"), offer(func(o *handshake.Offer) {
			o.Origin, o.Subprotocols = "http://example.com", []string{"chat", "superchat"}
		})},
		{"names in lower case", "RFC 9112 section 5", strings.Replace(strings.ToLower(good), strings.ToLower("GET /chat?x=1 HTTP/1.1"), "GET /chat?x=1 HTTP/1.1", 1), offer(func(o *handshake.Offer) {
			o.Key = strings.ToLower(sampleKey)
		})},
		{"names in upper case", "RFC 9112 section 5", with("Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY"), base},
		{"no space, much space", "RFC 9112 section 5", strings.Replace(with("Host: example.com", "Host:example.com"), "Version: 13", "Version: \t 13 \t ", 1), base},
		{"lists", "RFC 6455 section 4.2.1", strings.Replace(with("Connection: Upgrade", "Connection: keep-alive, Upgrade"), "websocket\r\n", "h2c, WebSocket\r\n", 1), base},
		{"the key of section 4.1", "RFC 6455 section 4.1", with(sampleKey, "AQIDBAUGBwgJCgsMDQ4PEC=="), offer(func(o *handshake.Offer) { o.Key = "AQIDBAUGBwgJCgsMDQ4PEC==" })},
		{"HTTP/1.2", "RFC 6455 section 4.2.1", with("HTTP/1.1", "HTTP/1.2"), base},
		{"no body, in words", "RFC 9112 section 6.3", also("Content-Length: 0"), base},
		{"no body, in more words", "RFC 9112 section 6.3", also("Content-Length: 000"), base},
		{"absolute-form", "RFC 9112 section 3.2.2", with("/chat?x=1", "http://other.example:8080/chat?x=1"), offer(func(o *handshake.Offer) { o.Host = "other.example:8080" })},
		{"absolute-form, https", "RFC 9112 section 3.2.2", with("/chat?x=1", "HTTPS://other.example?x=1"), offer(func(o *handshake.Offer) { o.Target, o.Host = "/?x=1", "other.example" })},
		{"absolute-form, no path", "RFC 9112 section 3.2.2", with("/chat?x=1", "http://[::1]:1"), offer(func(o *handshake.Offer) { o.Target, o.Host = "/", "[::1]:1" })},
		{"origin-form, two slashes", "RFC 9112 section 3.2.1", with("/chat?x=1", "//other.example/"), offer(func(o *handshake.Offer) { o.Target = "//other.example/" })},
		{"query as browsers send it", "RFC 9112 section 3.2.1", with("?x=1", "?a|b[]=%&c=/?"), offer(func(o *handshake.Offer) { o.Target = "/chat?a|b[]=%&c=/?" })},
		{"IPv6 Host", "RFC 9110 section 7.2", with("Host: example.com", "Host: [2001:db8::1]:80"), offer(func(o *handshake.Offer) { o.Host = "[2001:db8::1]:80" })},
		{"Host with empty port", "RFC 9110 section 7.2", with("Host: example.com", "Host: example.com:"), offer(func(o *handshake.Offer) { o.Host = "example.com:" })},
		{"Host with underscore", "RFC 3986 section 3.2.2", with("Host: example.com", "Host: my_service"), offer(func(o *handshake.Offer) { o.Host = "my_service" })},
		{"value not ASCII, empty value", "RFC 9110 section 5.5", also("X: caf\xe9", "Y:"), base},
		{"extensions, several lines", "RFC 6455 section 11.3.2", also("Sec-WebSocket-Extensions: a; b", "Sec-WebSocket-Extensions: c"), offer(func(o *handshake.Offer) {
			o.Extensions = []handshake.Extension{ext("a", flag("b")), ext("c")}
		})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, n, err := arriveRequest(t, []byte(tt.head+"\x81\x85frames"))
			if err != nil || n != len(tt.head) {
				t.Fatalf("%s: got n = %d, error %v; want %d", tt.rfc, n, err, len(tt.head))
			}
			header := o.Header
			o.Header = nil
			if diff := cmp.Diff(tt.want, o); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.rfc, diff)
			}

			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(tt.head)))
			if err != nil {
				t.Fatal(err)
			}
			checked, err := handshake.CheckRequest(r)
			if err != nil {
				t.Fatalf("CheckRequest: %v", err)
			}
			header.Del("Host") // where net/http keeps it from CheckRequest
			checked.Header.Del("Host")
			if diff := cmp.Diff(header, checked.Header); diff != "" {
				t.Errorf("header (-ParseRequest +CheckRequest):\n%s", diff)
			}
			checked.Header = nil
			if diff := cmp.Diff(tt.want, checked); diff != "" {
				t.Errorf("CheckRequest (-want +got):\n%s", diff)
			}
		})
	}
}

// No prefix of a good head is anything but unfinished.
func TestParseRequest_everyPrefix(t *testing.T) {
	for n := range len(good) {
		if _, got, err := handshake.ParseRequest([]byte(good[:n])); err != io.ErrUnexpectedEOF || got != 0 {
			t.Errorf("%d bytes: got n = %d, error %v; want io.ErrUnexpectedEOF", n, got, err)
		}
	}
}

// Every byte in place of every byte of a field: never a panic, and never CR, LF or NUL in what is
// read.
func TestParseRequest_everyByteEverywhere(t *testing.T) {
	head := []byte(also("Origin: http://a", "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: a; b=1"))
	for i, old := range head {
		for c := range 256 {
			head[i] = byte(c)
			o, n, err := handshake.ParseRequest(head)
			if err != nil {
				continue
			}
			if n > len(head) {
				t.Fatalf("byte %d = %#x: got n = %d", i, c, n)
			}
			if s := fmt.Sprint(o); strings.ContainsAny(s, "\r\n\x00") {
				t.Fatalf("byte %d = %#x: got %q", i, c, s)
			}
		}
		head[i] = old
	}
}

func TestParseRequest_doesNotKeepOrChangeItsBytes(t *testing.T) {
	head := []byte(also("Sec-WebSocket-Protocol: chat", "x-lower: v"))
	before := bytes.Clone(head)
	o, _, err := handshake.ParseRequest(head)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(head, before) {
		t.Errorf("got %q; want it unchanged", head)
	}
	want := fmt.Sprint(o)
	for i := range head {
		head[i] = 'X'
	}
	if got := fmt.Sprint(o); got != want {
		t.Errorf("got %s after the bytes changed; want %s", got, want)
	}
}

// A value added to a field of the offer leaves the other fields alone, although they share an
// array.
func TestParseRequest_fieldsApart(t *testing.T) {
	o, _, err := handshake.ParseRequest([]byte(also("A: 1", "B: 2", "A: 3", "C: 4")))
	if err != nil {
		t.Fatal(err)
	}
	o.Header.Add("B", "5")
	o.Header.Add("A", "6")
	for name, want := range map[string][]string{"A": {"1", "3", "6"}, "B": {"2", "5"}, "C": {"4"}} {
		if diff := cmp.Diff(want, o.Header[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A server of its own accepts a WebSocket, waits for more, hands other HTTP on, and refuses the
// rest.
func ExampleParseRequest() {
	const upgrade = "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
	for _, received := range []string{
		upgrade + "\x81\x80abcd",
		upgrade[:50],
		"POST /form HTTP/1.1\r\nHost: example.com\r\nContent-Length: 3\r\n\r\na=b",
		"GET /chat HTTP/1.1\r\nHost : example.com\r\n\r\n",
	} {
		offer, n, err := handshake.ParseRequest([]byte(received))
		reject, refused := errors.AsType[*handshake.RejectError](err)
		switch {
		case err == nil:
			fmt.Printf("accept %s, frames %q\n", offer.Target, received[n:])
		case err == io.ErrUnexpectedEOF:
			fmt.Println("read more")
		case refused && reject.NotUpgrade:
			fmt.Printf("hand on, body %q\n", received[n:])
		default:
			fmt.Println("refuse:", err)
		}
	}
	// Output:
	// accept /chat, frames "\x81\x80abcd"
	// read more
	// hand on, body "a=b"
	// refuse: handshake: there is white space between a field name and its colon (status 400, RFC 9112 section 5.1)
}

package handshake_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/handshake"
)

func sampleOffer() handshake.Offer {
	return handshake.Offer{
		Target: "/chat?x=1", Host: "example.com", Origin: "http://example.com", Key: sampleKey,
		Subprotocols: []string{"chat", "superchat"},
		Extensions:   []handshake.Extension{ext("a", flag("b"), value("c", "1")), ext("a")},
		Header:       http.Header{"User-Agent": {"x"}, "Cookie": {"a=b", "c=d"}},
	}
}

func TestOffer_Append(t *testing.T) {
	got, err := sampleOffer().Append([]byte("before "))
	want := "before GET /chat?x=1 HTTP/1.1\r\n" +
		"Host: example.com\r\n" +
		"Upgrade: websocket\r\n" +
		"Connection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: " + sampleKey + "\r\n" +
		"Origin: http://example.com\r\n" +
		"Sec-WebSocket-Protocol: chat, superchat\r\n" +
		"Sec-WebSocket-Extensions: a; b; c=1, a\r\n" +
		"Cookie: a=b\r\n" +
		"Cookie: c=d\r\n" +
		"User-Agent: x\r\n" +
		"\r\n"
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("got error %v (-want +got):\n%s", err, diff)
	}
}

func TestOffer_Append_refused(t *testing.T) {
	tests := []struct {
		name, rfc string
		change    func(*handshake.Offer)
	}{
		{"no target", "RFC 9112 section 3.2.1", func(o *handshake.Offer) { o.Target = "" }},
		{"target is no path", "RFC 9112 section 3.2.1", func(o *handshake.Offer) { o.Target = "http://example.com/" }},
		{"target with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Target = "/ HTTP/1.1\r\nX: y\r\n" }},
		{"target with a space", "RFC 9112 section 3.2", func(o *handshake.Offer) { o.Target = "/a b" }},
		{"target with a fragment", "RFC 6455 section 3", func(o *handshake.Offer) { o.Target = "/a#b" }},
		{"no host", "RFC 6455 section 4.1 item 4", func(o *handshake.Offer) { o.Host = "" }},
		{"host with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Host = "a\r\nX: y" }},
		{"host with a path", "RFC 6455 section 4.1 item 4", func(o *handshake.Offer) { o.Host = "a/b" }},
		{"no key", "RFC 6455 section 4.1 item 7", func(o *handshake.Offer) { o.Key = "" }},
		{"key with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Key += "\r\nX: y" }},
		{"origin with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Origin = "a\nX: y" }},
		{"subprotocol is no token", "RFC 6455 section 4.1 item 10", func(o *handshake.Offer) { o.Subprotocols = []string{"a b"} }},
		{"subprotocol empty", "RFC 6455 section 4.1 item 10", func(o *handshake.Offer) { o.Subprotocols = []string{""} }},
		{"subprotocol twice", "RFC 6455 section 4.1 item 10", func(o *handshake.Offer) { o.Subprotocols = []string{"a", "a"} }},
		{"subprotocol with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Subprotocols = []string{"a\r\nX: y"} }},
		{"extension without name", "RFC 6455 section 9.1", func(o *handshake.Offer) { o.Extensions[0].Name = "" }},
		{"parameter without name", "RFC 6455 section 9.1", func(o *handshake.Offer) { o.Extensions[0].Params[0].Name = "" }},
		{"value is no token", "RFC 6455 section 9.1", func(o *handshake.Offer) { o.Extensions[0].Params[1].Value = "a b" }},
		{"value empty", "RFC 6455 section 9.1", func(o *handshake.Offer) { o.Extensions[0].Params[1].Value = "" }},
		{"extension with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Extensions[0].Name = "a\r\nX: y" }},
		{"field name with a space", "RFC 9110 section 5.1", func(o *handshake.Offer) { o.Header["A B"] = []string{"c"} }},
		{"field name empty", "RFC 9110 section 5.1", func(o *handshake.Offer) { o.Header[""] = []string{"c"} }},
		{"field name with a line end", "RFC 9112 section 11.1", func(o *handshake.Offer) { o.Header["A\r\nB"] = []string{"c"} }},
		{"field value with CR", "RFC 9110 section 5.5", func(o *handshake.Offer) { o.Header["A"] = []string{"b\rc"} }},
		{"field value with LF", "RFC 9110 section 5.5", func(o *handshake.Offer) { o.Header["A"] = []string{"b", "b\nc"} }},
		{"field value with NUL", "RFC 9110 section 5.5", func(o *handshake.Offer) { o.Header["A"] = []string{"b\x00c"} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := sampleOffer()
			tt.change(&o)
			got, err := o.Append([]byte("before"))
			if err == nil || string(got) != "before" {
				t.Errorf("%s: got %q, %v; want an error and the bytes as they were", tt.rfc, got, err)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\r\n\x00") {
				t.Errorf("got an error of several lines: %q", err)
			}

			// SetHeader has no error to give: what Append refuses must not show.
			h := http.Header{}
			o.SetHeader(h)
			checkHeader(t, h)
		})
	}
}

// checkHeader fails for a name or value that HTTP does not allow.
func checkHeader(t *testing.T, h http.Header) {
	t.Helper()
	for name, values := range h {
		if _, err := handshake.ParseTokens([]string{name}); err != nil || name != http.CanonicalHeaderKey(name) {
			t.Errorf("got name %q", name)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") {
				t.Errorf("got %s: %q", name, v)
			}
		}
	}
}

// reserved are fields that an offer or an answer decides itself, or that belong to another hop or
// to a body.
func reserved() http.Header {
	return http.Header{
		"Host": {"evil"}, "host": {"evil"}, "Origin": {"evil"}, "Upgrade": {"evil"}, "upgrade": {"evil"},
		"Connection": {"x-hop, evil", "X-Hop-2"}, "CONNECTION": {"evil"}, "Sec-Websocket-Key": {"evil"},
		"Sec-WebSocket-Version": {"evil"}, "sec-websocket-protocol": {"evil"}, "Sec-Websocket-Extensions": {"evil"},
		"Sec-Websocket-Accept": {"evil"}, "Sec-Websocket-Future": {"evil"}, "Content-Length": {"evil"}, "Transfer-Encoding": {"evil"},
		"Trailer": {"evil"}, "Te": {"evil"}, "TE": {"evil"}, "Keep-Alive": {"evil"}, "Proxy-Connection": {"evil"},
		"X-Hop": {"evil"}, "X-Hop-2": {"evil"}, "Evil": {"evil"}, "X-Kept": {"kept"},
	}
}

func TestOffer_reservedFields(t *testing.T) {
	o := handshake.Offer{Target: "/", Host: "example.com", Key: sampleKey, Header: reserved()}
	head, err := o.Append(nil)
	if err != nil || bytes.Contains(head, []byte("evil")) || !bytes.Contains(head, []byte("\r\nX-Kept: kept\r\n")) {
		t.Errorf("Append: got %v\n%s", err, head)
	}

	h := reserved()
	h["X-There"] = []string{"there"}
	o.SetHeader(h)
	want := http.Header{
		"Upgrade": {"websocket"}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {sampleKey},
		"X-Kept": {"kept"}, "X-There": {"there"},
	}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("SetHeader (-want +got):\n%s", diff)
	}
}

// SetHeader into an http.Request and Append say the same.
func TestOffer_SetHeader_likeAppend(t *testing.T) {
	o := sampleOffer()
	head, err := o.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	o.SetHeader(h)
	if diff := cmp.Diff(r.Header, h); diff != "" {
		t.Errorf("(-Append +SetHeader):\n%s", diff)
	}
	h.Set("Cookie", "changed")
	if o.Header.Get("Cookie") != "a=b" {
		t.Error("a change of the header changed the offer")
	}
}

func ExampleOffer_Append() {
	offer := handshake.Offer{
		Target:       "/chat",
		Host:         "example.com",
		Key:          "dGhlIHNhbXBsZSBub25jZQ==", // handshake.NewKey() outside of an example
		Subprotocols: []string{"chat"},
	}
	head, err := offer.Append(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(strings.ReplaceAll(string(head), "\r\n", "\n"))

	offer.Subprotocols = []string{"chat\r\nX-Injected: yes"}
	_, err = offer.Append(nil)
	fmt.Println(err)
	// Output:
	// GET /chat HTTP/1.1
	// Host: example.com
	// Upgrade: websocket
	// Connection: Upgrade
	// Sec-WebSocket-Version: 13
	// Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
	// Sec-WebSocket-Protocol: chat
	//
	// handshake: offer: subprotocol "chat\r\nX-Injected: yes" is not a token
}

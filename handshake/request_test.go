package handshake_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

func goodRequest() *http.Request {
	r := httptest.NewRequest("GET", "/chat?x=1", nil)
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Sec-WebSocket-Key", sampleKey)
	r.Header.Set("Sec-WebSocket-Version", "13")
	return r
}

// Requests that do not come from net/http's own parser: from frameworks, from middleware, made by
// hand.
func TestCheckRequest_madeElsewhere(t *testing.T) {
	tests := []struct {
		name, rfc string
		change    func(*http.Request)
		status    int // 0: accepted
	}{
		{"as it is", "RFC 6455 section 4.2.1", func(r *http.Request) {}, 0},
		{"URL alone", "RFC 9112 section 3.2.1", func(r *http.Request) { r.RequestURI = "" }, 0},
		{"no target at all", "RFC 9112 section 3.2.1", func(r *http.Request) { r.RequestURI, r.URL = "", nil }, 400},
		{"an opaque URL", "RFC 9112 section 3.2.1", func(r *http.Request) { r.RequestURI, r.URL = "", &url.URL{Scheme: "mailto", Opaque: "a@b"} }, 400},
		{"body of unknown length", "RFC 6455 section 4.2.1", func(r *http.Request) { r.ContentLength = -1 }, 400},
		{"body in the field alone", "RFC 6455 section 4.2.1", func(r *http.Request) { r.Header.Set("Content-Length", "1") }, 400},
		{"coding in the field alone", "RFC 6455 section 4.2.1", func(r *http.Request) { r.Header.Set("Transfer-Encoding", "chunked") }, 400},
		{"coding in the struct alone", "RFC 6455 section 4.2.1", func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }, 400},
		{"no body, in words", "RFC 9112 section 6.3", func(r *http.Request) { r.Header.Set("Content-Length", "0") }, 0},
		{"Host in the header too", "RFC 9112 section 3.2", func(r *http.Request) { r.Header.Set("Host", "example.com") }, 0},
		{"two Hosts in the header", "RFC 9112 section 3.2", func(r *http.Request) { r.Header["Host"] = []string{"a", "b"} }, 400},
		{"no header map", "RFC 6455 section 4.2.1", func(r *http.Request) { r.Header = nil }, 426},
		{"HTTP/2", "RFC 9113 section 8.2.2", func(r *http.Request) { r.ProtoMajor, r.ProtoMinor = 2, 0 }, 505},
		{"HTTP/2 extended CONNECT", "RFC 8441 section 4", func(r *http.Request) { r.Method, r.ProtoMajor, r.ProtoMinor = "CONNECT", 2, 0 }, 505},
		{"the zero request", "RFC 6455 section 4.2.1", func(r *http.Request) { *r = http.Request{} }, 505},
		{"over TLS", "RFC 6455 section 4.2.1", func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, 0},
		{"control characters in a subprotocol", "RFC 6455 section 4.1", func(r *http.Request) { r.Header.Set("Sec-WebSocket-Protocol", "a\r\nb") }, 400},
		{"control characters in Host", "RFC 9112 section 3.2", func(r *http.Request) { r.Host = "a\r\nb" }, 400},
		{"control characters in the target", "RFC 9112 section 3.2", func(r *http.Request) { r.RequestURI = "/a\r\nb" }, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := goodRequest()
			tt.change(r)
			o, err := handshake.CheckRequest(r)
			e, _ := errors.AsType[*handshake.RejectError](err)
			if (err == nil) != (tt.status == 0) || e != nil && e.Status != tt.status {
				t.Fatalf("%s: got %v, %v; want status %d", tt.rfc, o, err, tt.status)
			}
			if err == nil && (o.Target != "/chat?x=1" || o.Host != "example.com" || o.Key != sampleKey) {
				t.Errorf("%s: got %v", tt.rfc, o)
			}
		})
	}
}

// Offer.Header is r.Header, which is left as it was.
func TestCheckRequest_changesNothing(t *testing.T) {
	r := goodRequest()
	before := fmt.Sprint(r.Header, r.URL, r.Host, r.RequestURI)
	o, err := handshake.CheckRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Header, r.URL, r.Host, r.RequestURI); got != before {
		t.Errorf("got %s; want %s", got, before)
	}
	if o.Header.Set("X", "y"); r.Header.Get("X") != "y" {
		t.Error("Offer.Header is a copy; want r.Header itself")
	}
}

func ExampleCheckRequest() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		offer, err := handshake.CheckRequest(r)
		if reject, ok := errors.AsType[*handshake.RejectError](err); ok {
			reject.ServeHTTP(w, r)
			return
		}
		// A server hijacks the connection here and writes answer.Append(nil, offer.Key).
		fmt.Println(offer.Target, offer.SelectSubprotocol([]string{"chat"}))
	}

	r := httptest.NewRequest("GET", "/room/1", nil)
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	r.Header.Set("Sec-WebSocket-Protocol", "mqtt, chat")
	r.Header.Set("Sec-WebSocket-Version", "13")
	handler(nil, r)

	r.Header.Set("Sec-WebSocket-Version", "8")
	w := httptest.NewRecorder()
	handler(w, r)
	fmt.Println(w.Code, w.Header().Get("Sec-WebSocket-Version"), strings.TrimSpace(w.Body.String()))
	// Output:
	// /room/1 chat
	// 426 13 Sec-WebSocket-Version is not 13 (RFC 6455 section 4.4)
}

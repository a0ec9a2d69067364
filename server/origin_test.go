package server_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// Cross-site WebSocket hijacking, RFC 6455 section 10.2: only pages of the server's own origin may connect.
func TestOrigins(t *testing.T) {
	patterns := &server.Options{Origins: []string{"example.com", "*.example.org", "https://app.test:8443", "http://localhost:*"}}
	for _, tt := range []struct {
		options            *server.Options
		host, origin, over string // over: "https" for a request by TLS
		ok                 bool
	}{
		{nil, "h", "", "http", true}, // no browser
		{nil, "h", "http://h", "http", true},
		{nil, "h", "https://h", "http", true}, // a proxy may have ended TLS
		{nil, "h", "https://h", "https", true},
		{nil, "h", "http://h", "https", false},
		{nil, "h:8080", "http://h:8080", "http", true},
		{nil, "h:80", "http://h", "http", true},
		{nil, "h", "http://h:80", "http", true},
		{nil, "h:443", "https://h", "https", true},
		{nil, "h:443", "http://h", "http", false},
		{nil, "h:8080", "http://h", "http", false},
		{nil, "h", "http://h:8080", "http", false},
		{nil, "Example.COM", "http://example.com", "http", true},
		{nil, "[::1]:8080", "http://[0:0::1]:8080", "http", true},
		{nil, "[::1]", "http://[::2]", "http", false},
		{nil, "h", "null", "http", false},
		{nil, "h", "file://h", "http", false},
		{nil, "h", "chrome-extension://h", "http", false},
		{nil, "h", "h", "http", false},
		{nil, "h", "http://", "http", false},
		{nil, "h", "http://h.evil.test", "http", false},
		{nil, "h", "http://evil.test/h", "http", false},
		{nil, "h", "http://h@evil.test", "http", false},
		{nil, "h", "http://h http://evil.test", "http", false},
		{patterns, "h", "http://h", "http", true},
		{patterns, "h", "http://example.com", "http", true},
		{patterns, "h", "https://EXAMPLE.com", "https", true},
		{patterns, "h", "http://a.example.com", "http", false},
		{patterns, "h", "http://notexample.com", "http", false},
		{patterns, "h", "http://a.b.example.org", "http", true},
		{patterns, "h", "http://example.org", "http", false},
		{patterns, "h", "http://badexample.org", "http", false},
		{patterns, "h", "https://app.test:8443", "http", true},
		{patterns, "h", "http://app.test:8443", "http", false},
		{patterns, "h", "https://app.test", "http", false},
		{patterns, "h", "http://localhost:12345", "http", true},
		{patterns, "h", "null", "http", false},
		{&server.Options{Origins: []string{"*"}}, "h", "http://evil.test", "http", false},
		{&server.Options{SkipOriginCheck: true}, "h", "http://evil.test", "http", true},
		{&server.Options{SkipOriginCheck: true}, "h", "null", "http", true},
	} {
		r := httptest.NewRequest("GET", "http://"+tt.host+"/", nil)
		r.Header = http.Header{
			"Upgrade": {"websocket"}, "Connection": {"keep-alive, Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {sampleKey},
		}
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		if tt.over == "https" {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		// The recorder cannot be taken over: an origin that is welcome ends there.
		_, err := server.Accept(w, r, tt.options)
		if got := w.Code != http.StatusForbidden; got != tt.ok || got && w.Code != http.StatusInternalServerError {
			t.Errorf("page of %q, server %q over %s: got %d, %v; want it welcome: %v", tt.origin, tt.host, tt.over, w.Code, err, tt.ok)
		}
	}
}

// The check is the same for each way to accept connections, and comes before anything of the application.
func TestOrigins_entries(t *testing.T) {
	forEntries(t, &server.Options{Origins: []string{"*.friend.test"}}, func(t *testing.T, e entry, addr string) {
		for origin, want := range map[string]int{
			"http://h": 101, "https://h": 101, "http://a.friend.test": 101, "http://friend.test": 403, "http://evil.test": 403, "null": 403,
		} {
			if e.tls && origin == "http://h" { // the scheme is known there
				want = 403
			}
			p := connect(t, addr)
			p.send(request(fmt.Sprintf("Origin: %s\r\n", origin)))
			if r := p.response(t); r.StatusCode != want {
				t.Errorf("page of %q: got %s; want %d", origin, r.Status, want)
			}
			p.Close()
		}
	})
}

func TestSubprotocols(t *testing.T) {
	forEntries(t, &server.Options{Subprotocols: []string{"v2", "v1"}}, func(t *testing.T, _ entry, addr string) {
		for _, tt := range []struct{ offer, want string }{
			{"", ""},
			{"Sec-WebSocket-Protocol: v1\r\n", "v1"},
			{"Sec-WebSocket-Protocol: v1, v2\r\n", "v2"},
			{"Sec-WebSocket-Protocol: v1\r\nSec-WebSocket-Protocol: v2\r\n", "v2"},
			{"Sec-WebSocket-Protocol: V1, v3\r\n", ""},
		} {
			p := connect(t, addr)
			p.send(request(tt.offer))
			r := p.upgraded(t)
			if got, there := r.Header["Sec-Websocket-Protocol"]; tt.want == "" && there || tt.want != "" && got[0] != tt.want {
				t.Errorf("%q: got %q; want %q", tt.offer, got, tt.want)
			}
			p.Close()
		}
	})
}

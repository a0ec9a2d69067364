package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// Each refusal has the right status and fields, can be read to its end with more input behind the request, and closes the connection.
func TestRefusals(t *testing.T) {
	replace := func(old, new string) string { return strings.Replace(request(""), old, new, 1) }
	tests := []struct {
		name, request string
		status        int
		header        http.Header
		raw           bool // net/http has limits of its own
	}{
		{"POST", replace("GET", "POST"), 405, http.Header{"Allow": {"GET"}}, false},
		{"no upgrade", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 426, http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}}, false},
		{"Upgrade without Connection", replace("Connection: Upgrade\r\n", ""), 426, http.Header{"Sec-Websocket-Version": {"13"}}, false},
		{"version 8", replace("Version: 13", "Version: 8"), 426, http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}}, false},
		{"no version", replace("Sec-WebSocket-Version: 13\r\n", ""), 426, http.Header{"Sec-Websocket-Version": {"13"}}, false},
		{"HTTP/1.0", replace("HTTP/1.1", "HTTP/1.0"), 400, nil, false},
		{"no key", replace("Sec-WebSocket-Key: "+sampleKey+"\r\n", ""), 400, nil, false},
		{"short key", replace(sampleKey, "c2hvcnQ="), 400, nil, false},
		{"two keys", request("Sec-WebSocket-Key: " + sampleKey + "\r\n"), 400, nil, false},
		{"body by length", request("Content-Length: 7\r\n") + "GET / H", 400, nil, false},
		{"body in chunks", request("Transfer-Encoding: chunked\r\n") + "2\r\nhi\r\n0\r\n\r\n", 400, nil, false},
		{"no Host", replace("Host: h\r\n", ""), 400, nil, false},
		{"foreign origin", request("Origin: http://evil.example\r\n"), 403, nil, false},
		{"malformed subprotocol", request("Sec-WebSocket-Protocol: a b\r\n"), 400, nil, false},
		{"malformed extension", request("Sec-WebSocket-Extensions: ;\r\n"), 400, nil, false},
		{"head of 17 KiB", request("X: " + strings.Repeat("x", 17<<10) + "\r\n"), 431, nil, true},
		{"101 fields", request(strings.Repeat("X: y\r\n", 101)), 431, nil, true},
		{"long target", replace("/chat", "/"+strings.Repeat("x", 17<<10)), 414, nil, true},
		{"line feeds alone", strings.ReplaceAll(request(""), "\r\n", "\n"), 400, nil, true},
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, nil, true},
	}
	forEntries(t, nil, func(t *testing.T, e entry, addr string) {
		for _, tt := range tests {
			if tt.raw && e.netHTTP {
				continue
			}
			for _, behind := range []string{"", "100 KiB"} {
				if behind != "" && e.netHTTP {
					continue // net/http closes the connection with that unread, which resets it
				}
				t.Run(tt.name+"/"+behind, func(t *testing.T) {
					t.Parallel()
					p := connect(t, addr)
					if p.send(tt.request); behind != "" {
						go p.send(strings.Repeat("x", 100<<10))
					}
					r := p.response(t)
					body, err := io.ReadAll(r.Body)
					if r.StatusCode != tt.status || !r.Close || err != nil || len(body) == 0 {
						t.Errorf("got %s, close: %v, body %q, %v; want status %d, close and a body", r.Status, r.Close, body, err, tt.status)
					}
					for name, want := range tt.header {
						if got := r.Header.Get(name); got != want[0] {
							t.Errorf("%s: got %q; want %q", name, got, want[0])
						}
					}
					if tt.status == http.StatusForbidden && strings.Contains(string(body), "evil") {
						t.Errorf("the refusal %q repeats the request", body)
					}
					p.wantsEnd(t)
					if !e.netHTTP {
						p.writesOn(t)
					}
				})
			}
		}
	})
}

func TestAgreement(t *testing.T) {
	forEntries(t, &server.Options{}, func(t *testing.T, _ entry, addr string) {
		p := connect(t, addr)
		p.send(request(""))
		r := p.upgraded(t)
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "Upgrade" || r.Header.Get("Sec-Websocket-Protocol") != "" {
			t.Errorf("got %v", r.Header)
		}
		p.send(masked(0x82, "\x00\x01"))
		p.wants(t, "\x82\x02\x00\x01")
	})
}

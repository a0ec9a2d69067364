package hostile_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
	"github.com/laminar-ws/laminar/server"
)

// Requests that a server refuses, with the exact status and before any code of the application.
func TestServerHandshake(t *testing.T) {
	good := upgrade + "\r\n"
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) {
			a := &app{}
			addr := serve(t, m.server(a, nil))
			for _, tt := range []struct {
				name, request string
				status        int
			}{
				{"CVE-2023-43669 a head of a MiB", upgrade + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", 431},
				{"CVE-2023-43669 a line without end", strings.Repeat("G", 1<<17), 414},
				{"CVE-2024-37890 more fields than are allowed", upgrade + strings.Repeat("X: y\r\n", 2000) + "\r\n", 431},
				{"CVE-2021-32640 white space in a list", upgrade + "Sec-WebSocket-Protocol: b" + strings.Repeat(" ", 15<<10) + "x\r\n\r\n", 400},
				{"CVE-2021-32640 commas in a list", upgrade + "Sec-WebSocket-Protocol: " + strings.Repeat(",", 15<<10) + "\r\n\r\n", 400},
				{"CSWSH another origin", upgrade + "Origin: https://evil.example\r\n\r\n", 403},
				{"CSWSH a longer name", upgrade + "Origin: http://h.evil.example\r\n\r\n", 403},
				{"CSWSH no origin of the web", upgrade + "Origin: null\r\n\r\n", 403},
				{"CSWSH two origins", upgrade + "Origin: http://h\r\nOrigin: http://evil.example\r\n\r\n", 400},
				{"smuggling a body by its length", upgrade + "Content-Length: 5\r\n\r\n\x81\x05hello", 400},
				{"smuggling a body in chunks", upgrade + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
				{"smuggling both", upgrade + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
				{"smuggling a second request", strings.Replace(good, "13", "12", 1) + good, 426},
				{"response splitting by a bare CR", upgrade + "Sec-WebSocket-Protocol: a\rSet-Cookie: x\r\n\r\n", 400},
				{"response splitting by a bare LF", upgrade + "Sec-WebSocket-Protocol: a\nSet-Cookie: x\r\n\r\n", 400},
				{"response splitting by a NUL", upgrade + "Sec-WebSocket-Protocol: a\x00Set-Cookie: x\r\n\r\n", 400},
				{"folded field", upgrade + "X: a\r\n b\r\n\r\n", 400},
				{"white space before a colon", upgrade + "X : a\r\n\r\n", 400},
				{"two hosts", upgrade + "Host: i\r\n\r\n", 400},
				{"two keys", upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", 400},
				{"key of 15 bytes", strings.Replace(good, "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j", 1), 400},
				{"another method", strings.Replace(good, "GET", "POST", 1), 405},
				{"another version", strings.Replace(good, "13", "8", 1), 426},
				{"no upgrade", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 426},
				{"TLS", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n", 400},
				{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
			} {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					p := dial(t, addr)
					go p.send(tt.request)
					r := p.response(t)
					body, err := io.ReadAll(r.Body)
					if r.StatusCode != tt.status || !r.Close || err != nil || r.Header.Get("Set-Cookie") != "" {
						t.Errorf("got %s, close: %v, %v, %q, %v; want %d and close", r.Status, r.Close, r.Header, body, err, tt.status)
					}
					if len(tt.request) < 200<<10 { // of more than that, some is left unread
						p.wantsEnd(t)
					}
					select {
					case o := <-a.outcome(p):
						t.Errorf("the application saw %+v", o)
					default:
					}
				})
			}
			p := dial(t, addr) // and then
			p.send(good + wire{masked: true}.frame(0x81, "alive?"))
			if r := p.response(t); r.StatusCode != http.StatusSwitchingProtocols {
				t.Errorf("got %s", r.Status)
			}
			p.wire.masked = true
			p.wants(t, frame.Text, "alive?")
		})
	}
}

// No byte that came behind the request is lost or taken for HTTP, whatever it looks like.
func TestServerHandshake_bytesBehind(t *testing.T) {
	a := &app{}
	addr := serve(t, &server.Server{Handle: a.read})
	w := wire{masked: true}
	for _, text := range []string{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", upgrade + "\r\n", "\r\n\r\n", ""} {
		p := dial(t, addr)
		p.wire = w
		p.send(upgrade + "\r\n" + w.frame(0x81, text))
		p.response(t)
		p.wants(t, frame.Text, text)
	}
}

// Answers that a client refuses. None of the bytes behind them is a frame.
func TestClientHandshake(t *testing.T) {
	good := func(key string) string {
		return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + handshake.AcceptKey(key) + "\r\n"
	}
	for _, tt := range []struct {
		name, section string
		answer        func(key string) string
	}{
		{"accept of another key", "RFC 6455 section 4.1", func(string) string { return good("dGhlIHNhbXBsZSBub25jZQ==") + "\r\n" }},
		{"key for accept", "RFC 6455 section 4.1", func(key string) string { return strings.Replace(good(key), handshake.AcceptKey(key), key, 1) + "\r\n" }},
		{"accept twice", "RFC 6455 section 11.3.3", func(key string) string {
			return good(key) + "Sec-WebSocket-Accept: " + handshake.AcceptKey(key) + "\r\n\r\n"
		}},
		{"no Upgrade", "RFC 6455 section 4.1", func(key string) string { return strings.Replace(good(key), "Upgrade: websocket\r\n", "", 1) + "\r\n" }},
		{"no Connection", "RFC 6455 section 4.1", func(key string) string { return strings.Replace(good(key), "Connection: Upgrade\r\n", "", 1) + "\r\n" }},
		{"subprotocol not offered", "RFC 6455 section 4.1", func(key string) string { return good(key) + "Sec-WebSocket-Protocol: x\r\n\r\n" }},
		{"extension not offered", "RFC 6455 section 4.1", func(key string) string { return good(key) + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" }},
		{"redirect is not followed", "RFC 6455 section 4.1", func(string) string {
			return "HTTP/1.1 301 Moved Permanently\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
		}},
		{"status 200", "RFC 6455 section 4.1", func(key string) string {
			return strings.Replace(good(key), "101", "200", 1) + "Content-Length: 0\r\n\r\n"
		}},
		{"a head of a MiB", "RFC 6585 section 5", func(key string) string { return good(key) + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n" }},
		{"a status line without end", "RFC 9112 section 3", func(string) string { return "HTTP/1.1 101 " + strings.Repeat("x", 1<<20) }},
		{"2000 fields", "RFC 6585 section 5", func(key string) string { return good(key) + strings.Repeat("X: y\r\n", 2000) + "\r\n" }},
		{"no HTTP", "RFC 9112 section 4", func(string) string { return "\x15\x03\x01\x00\x02\x02\x16\r\n\r\n" }},
		{"1xx without end", "", func(string) string { return strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 5000) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			dialed := make(chan error, 1)
			go func() {
				c, err := client.Dial(context.Background(), "ws://"+l.Addr().String()+"/", nil)
				if c != nil {
					c.Close()
				}
				dialed <- err
			}()
			nc, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			p := attach(t, nc)
			r, err := http.ReadRequest(p.r)
			if err != nil {
				t.Fatal(err)
			}
			go p.send(tt.answer(r.Header.Get("Sec-Websocket-Key")) + wire{}.frame(0x81, "never"))
			err = <-dialed
			refusal, ok := errors.AsType[*handshake.RejectError](err)
			if err == nil || ok != (tt.section != "") || ok && refusal.Section != tt.section {
				t.Errorf("got %.300v; want an error by %s", err, tt.section)
			}
		})
	}
}

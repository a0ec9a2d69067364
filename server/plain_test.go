package server_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// page answers with what it was asked.
var page = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s %s tls:%v", r.Method, r.URL, body, r.TLS != nil)
})

func (p *peer) wantsPage(t *testing.T, want string) {
	t.Helper()
	r := p.response(t)
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 || string(body) != want {
		t.Errorf("got %s, %q, %v; want %q", r.Status, body, err, want)
	}
}

// Requests that ask for no WebSocket go to Handler, with their bodies, one after another, and a WebSocket may follow them.
func TestServer_plainRequests(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{Handler: page}))
		requests := []struct{ request, page string }{
			{"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b  tls:false"},
			{"POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST /p body tls:false"},
			{"POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "POST /c abc tls:false"},
			{"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n", "GET /  tls:false"}, // nothing asked of this hop
			{"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "GET /  tls:false"},
		}
		t.Run("each", func(t *testing.T) {
			for _, tt := range requests {
				p := connect(t, addr)
				p.send(tt.request)
				p.wantsPage(t, tt.page)
			}
		})
		t.Run("byte by byte", func(t *testing.T) {
			for _, tt := range requests {
				p := connect(t, addr)
				go p.sendBytes(tt.request)
				p.wantsPage(t, tt.page)
			}
		})
		t.Run("keep-alive", func(t *testing.T) {
			p := connect(t, addr)
			for _, tt := range requests {
				p.send(tt.request)
				p.wantsPage(t, tt.page)
			}
			p.send(request("") + masked(0x81, "hi"))
			p.upgraded(t)
			p.wants(t, "\x81\x02hi")
		})
		t.Run("pipelined", func(t *testing.T) {
			p := connect(t, addr)
			for _, tt := range requests {
				p.send(tt.request)
			}
			p.send(request("") + masked(0x81, "hi"))
			for _, tt := range requests {
				p.wantsPage(t, tt.page)
			}
			p.upgraded(t)
			p.wants(t, "\x81\x02hi")
		})
		t.Run("HTTP/1.0", func(t *testing.T) {
			p := connect(t, addr)
			p.send("GET /old HTTP/1.0\r\n\r\n")
			p.wantsPage(t, "GET /old  tls:false")
			p.wantsEnd(t)
		})
		t.Run("a large body", func(t *testing.T) {
			p := connect(t, addr)
			body := strings.Repeat("x", 1<<20)
			go p.send(fmt.Sprintf("POST /l HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
			p.wantsPage(t, "POST /l "+body+" tls:false")
		})
	})
}

// A handshake that is broken does not go to Handler, first or later.
func TestServer_plainRefusals(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Sec-Websocket-Key") != "" {
				t.Errorf("the handler was given %v", r.Header)
			}
		})}))
		for name, bad := range map[string]struct {
			request string
			status  int
		}{
			"origin":  {request("Origin: http://evil.example\r\n"), 403},
			"version": {strings.Replace(request(""), "13", "12", 1), 426},
			"body":    {request("Content-Length: 2\r\n") + "hi", 400},
			"method":  {strings.Replace(request(""), "GET", "PUT", 1), 405},
		} {
			for _, before := range []string{"", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"} {
				p := connect(t, addr)
				p.send(before + bad.request)
				if before != "" {
					if r := p.response(t); r.StatusCode != 200 {
						t.Errorf("%s: got %s for the plain request", name, r.Status)
					}
				}
				r := p.response(t)
				if r.StatusCode != bad.status || !r.Close {
					t.Errorf("%s: got %s, close: %v; want %d and close", name, r.Status, r.Close, bad.status)
				}
				io.Copy(io.Discard, r.Body)
				p.wantsEnd(t)
			}
		}
	})
}

// The limits of a head are the same for the second request.
func TestServer_plainHeadBounded(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{Handler: page}))
		p := connect(t, addr)
		p.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		p.wantsPage(t, "GET /  tls:false")
		go p.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 32<<10) + "\r\n\r\n")
		if r := p.response(t); r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("got %s; want 431", r.Status)
		}
	})
}

// The answer to a request that was not read whole arrives, and an end of the stream rather than a reset behind it.
func TestServer_plainUnreadBody(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusTeapot)
		})}))
		p := connect(t, addr)
		go p.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1_000_000))
		r := p.response(t)
		if r.StatusCode != http.StatusTeapot {
			t.Errorf("got %s", r.Status)
		}
		p.wantsEnd(t)
	})
}

// Over TLS, the handler sees that it is.
func TestServer_plainTLS(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		cert := certificate(t)
		s := m.echo(&server.Server{Handler: page, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}})
		addr := startTLS(t, s)
		p := connectTLS(t, addr)
		p.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		p.wantsPage(t, "GET /  tls:true")
		p.send(request("Origin: https://h\r\n") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")

		p = connectTLS(t, addr)
		p.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		p.wantsPage(t, "GET /  tls:true")
		p.send(request("Origin: http://h\r\n")) // the scheme is known to be wss
		if r := p.response(t); r.StatusCode != 403 {
			t.Errorf("got %s; want 403", r.Status)
		}
	})
}

package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// What a client sends behind its request, without waiting for the answer, is served first and in order.
func TestEarlyFrames(t *testing.T) {
	frames, replies := manyMessages(1000)
	forEntries(t, nil, func(t *testing.T, _ entry, addr string) {
		t.Run("whole", func(t *testing.T) {
			p := connect(t, addr)
			p.send(request("") + frames)
			p.upgraded(t)
			p.wants(t, replies)
			p.send(masked(0x88, "\x03\xe8"))
			p.wants(t, "\x88\x02\x03\xe8")
		})
		t.Run("byte by byte", func(t *testing.T) {
			p := connect(t, addr)
			go p.sendBytes(request("") + frames)
			p.upgraded(t)
			p.wants(t, replies)
		})
	})
}

// The same where the request is the second one of a connection, with net/http's Server and with ours, and whether it came with the
// first one or later.
func TestEarlyFrames_secondRequest(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			acceptEcho(nil).ServeHTTP(w, r)
			return
		}
		w.Write([]byte("page"))
	})
	addrs := map[string]string{"net/http": startHTTP(t, page)}
	for _, m := range modes {
		_, addrs[m.name] = start(t, m.echo(&server.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("page")) })}))
	}
	const plain = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
	frames, replies := manyMessages(1000)
	for name, addr := range addrs {
		for _, how := range []string{"pipelined", "pipelined behind a long head", "after the answer", "byte by byte"} {
			t.Run(name+"/"+how, func(t *testing.T) {
				p := connect(t, addr)
				switch how {
				case "pipelined":
					p.send(plain + request("") + frames)
				case "pipelined behind a long head": // more is read than net/http takes at once
					p.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 9000) + "\r\n\r\n" + request("") + frames)
				case "byte by byte":
					go p.sendBytes(plain + request("") + frames)
				default:
					p.send(plain)
				}
				if r := p.response(t); r.StatusCode != 200 || r.ContentLength != 4 {
					t.Fatalf("got %s", r.Status)
				}
				p.wants(t, "page")
				if how == "after the answer" {
					p.send(request("") + frames)
				}
				p.upgraded(t)
				p.wants(t, replies)
			})
		}
	}
}

//go:build linux

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// What a server sees of a visit of each kind, as the error that ends its reading.
func TestKinds(t *testing.T) {
	want := map[string]string{
		"clean":          "websocket: close 1000 (normal)",
		"half a header":  "unexpected EOF",
		"half a payload": "unexpected EOF",
		"half a request": "no handshake",
		"nothing read":   "EOF or reset", // by when the client's kernel gets the answer
		"reset":          "connection reset by peer",
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			saw := make(chan string, 1)
			var upgrader websocket.Upgrader
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c, err := upgrader.Upgrade(w, r, nil)
				if err != nil {
					saw <- err.Error()
					return
				}
				defer c.Close()
				for {
					op, p, err := c.ReadMessage()
					if err != nil {
						saw <- err.Error()
						return
					}
					if k.name != "reset" {
						c.WriteMessage(op, p)
					}
				}
			}))
			srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
				if s == http.StateClosed && k.name == "half a request" {
					saw <- "no handshake"
				}
			}
			srv.Start()
			defer srv.Close()
			stays := 0
			err := k.do(t.Context(), visit{
				addr: netip.MustParseAddrPort(srv.Listener.Addr().String()),
				from: netip.MustParseAddr("127.0.0.2"),
				stay: func() { stays++ },
			})
			if err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-saw:
				if k.name == "nothing read" && (strings.Contains(got, "EOF") || strings.Contains(got, "reset")) {
					got = want[k.name]
				}
				if !strings.Contains(got, want[k.name]) {
					t.Errorf("the server saw %q; want %q", got, want[k.name])
				}
			case <-time.After(answerTimeout):
				t.Error("the server saw no end")
			}
			if (stays == 1) != (k.name != "nothing read") {
				t.Errorf("stayed %d times", stays)
			}
		})
	}
}

// A server that answers nothing makes the visits that need an answer fail, and the others not.
func TestVisits_counts(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() { // ends with the listener
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { // ends with the connection
				defer nc.Close()
				nc.Read(make([]byte, 1))
				io.WriteString(nc, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
				io.Copy(io.Discard, nc)
			}()
		}
	}()
	v := newVisits(ln.Addr().(*net.TCPAddr).AddrPort(), 200, 4, time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	v.run(ctx)
	if n := v.made(); n < len(kinds) || n > 61 {
		t.Errorf("%d visits in 300 ms at 200 a second", n)
	}
	for i, c := range v.counts {
		fails := kinds[i].name != "half a request" && kinds[i].name != "nothing read"
		if c.made == 0 || (c.failed == c.made) != fails || (c.failed == 0) == fails {
			t.Errorf("%s: %d visits, %d failed; want failures: %v", kinds[i].name, c.made, c.failed, fails)
		}
	}
	if err := v.err(); err == nil || !strings.Contains(err.Error(), "answered 503 Service Unavailable") {
		t.Errorf("error %v; want one that tells the answer", err)
	}
}

package server_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server"
)

// The key of RFC 6455 section 1.3 and its answer.
const (
	sampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// request returns an upgrade request for the host "h", with more field lines, each ended by CRLF.
func request(more string) string {
	return "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
		sampleKey + "\r\n" + more + "\r\n"
}

// masked returns a frame of up to 125 bytes with a key of zeros, under which the payload is itself.
func masked(first byte, payload string) string {
	return string([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}) + payload
}

// peer is a client by hand.
type peer struct {
	net.Conn
	r *bufio.Reader
}

// overTLS is in front of the address of a server that speaks TLS.
const overTLS = "tls:"

// connect connects to addr. The connection fails when the test hangs, and is closed when it ends.
func connect(t testing.TB, addr string) *peer {
	t.Helper()
	addr, secure := strings.CutPrefix(addr, overTLS)
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	if secure {
		nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	}
	return newPeer(nc)
}

func newPeer(nc net.Conn) *peer {
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	return &peer{nc, bufio.NewReader(nc)}
}

// send writes s, whose reader may be gone.
func (p *peer) send(s string) { io.WriteString(p, s) }

// sendBytes writes s one byte at a time.
func (p *peer) sendBytes(s string) {
	for i := range len(s) {
		p.send(s[i : i+1])
	}
}

func (p *peer) response(t testing.TB) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(p.r, nil)
	if err != nil {
		t.Fatalf("reading the response: %v", err)
	}
	return r
}

// upgraded reads a response that must be a 101.
func (p *peer) upgraded(t testing.TB) *http.Response {
	t.Helper()
	r := p.response(t)
	if r.StatusCode != http.StatusSwitchingProtocols || r.Header.Get("Sec-Websocket-Accept") != sampleAccept {
		t.Fatalf("got %s %v; want a 101 with the key's answer", r.Status, r.Header)
	}
	return r
}

// wants reads what must be exactly s.
func (p *peer) wants(t testing.TB, s string) {
	t.Helper()
	got := make([]byte, len(s))
	if n, err := io.ReadFull(p.r, got); err != nil || string(got) != s {
		t.Fatalf("got %q, %v; want %q", got[:n], err, s)
	}
}

// wantsEnd reads the end of the stream, without anything before it.
func (p *peer) wantsEnd(t testing.TB) {
	t.Helper()
	if rest, err := io.ReadAll(p.r); err != nil || len(rest) > 0 {
		t.Errorf("got %.100q, %v; want the end of the stream", rest, err)
	}
}

// writesOn writes 100 KiB more after the end of the stream was read: the server takes and drops them, where a reset would be an error.
func (p *peer) writesOn(t testing.TB) {
	t.Helper()
	for range 100 {
		if _, err := p.Write(make([]byte, 1<<10)); err != nil {
			t.Fatalf("the connection was reset: %v", err)
		}
	}
}

// entry is a way to accept connections. start serves connections that echo what they receive and returns the address.
type entry struct {
	name    string
	netHTTP bool // net/http reads the request
	tls     bool
	start   func(t *testing.T, o *server.Options) (addr string)
}

var entries = []entry{
	{"Accept", true, false, func(t *testing.T, o *server.Options) string { return startHTTP(t, acceptEcho(o)) }},
	{"Handler", true, false, func(t *testing.T, o *server.Options) string { return startHTTP(t, server.Handler(echoEvents, o)) }},
	{"Upgrade", false, false, func(t *testing.T, o *server.Options) string {
		return startRaw(t, func(nc net.Conn) {
			if c, err := server.Upgrade(context.Background(), nc, o); err == nil {
				echo(c)
			}
		})
	}},
	{"Server.Handle", false, false, func(t *testing.T, o *server.Options) string {
		_, addr := start(t, &server.Server{Handle: echo, Options: o})
		return addr
	}},
	{"Server.Events", false, false, func(t *testing.T, o *server.Options) string {
		_, addr := start(t, &server.Server{Events: echoEvents, Options: o})
		return addr
	}},
	{"Loops", false, false, func(t *testing.T, o *server.Options) string {
		_, addr := start(t, &server.Server{Events: echoEvents, Options: o, Loops: 2})
		return addr
	}},
	{"Loops and Workers", false, false, func(t *testing.T, o *server.Options) string {
		_, addr := start(t, &server.Server{Events: echoEvents, Options: o, Loops: 2, Workers: 3})
		return addr
	}},
	{"Loops over TLS", false, true, func(t *testing.T, o *server.Options) string { return startSecure(t, o, 0) }},
	{"Loops and Workers over TLS", false, true, func(t *testing.T, o *server.Options) string { return startSecure(t, o, 2) }},
	{"Adopt", true, false, func(t *testing.T, o *server.Options) string {
		s := &server.Server{Events: echoEvents, Loops: 1}
		t.Cleanup(func() { s.Close() })
		return startHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, err := server.Accept(w, r, o); err == nil {
				s.Adopt(c, nil)
			}
		}))
	}},
}

func startSecure(t *testing.T, o *server.Options, workers int) (addr string) {
	return overTLS + startTLS(t, &server.Server{Events: echoEvents, Options: o, Loops: 2, Workers: workers, TLSConfig: tlsConfig(t)})
}

// forEntries runs test for each way to accept connections.
func forEntries(t *testing.T, o *server.Options, test func(t *testing.T, e entry, addr string)) {
	for _, e := range entries {
		t.Run(e.name, func(t *testing.T) { test(t, e, e.start(t, o)) })
	}
}

// echo sends everything back until the connection ends.
func echo(c *conn.Conn) {
	defer c.Close()
	for {
		m, err := c.Read(context.Background())
		if err != nil || c.Write(context.Background(), m.Op, m.Data) != nil {
			return
		}
	}
}

var echoEvents = &conn.Events{
	OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) },
}

func acceptEcho(o *server.Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := server.Accept(w, r, o); err == nil {
			echo(c)
		}
	})
}

func startHTTP(t *testing.T, h http.Handler) (addr string) {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// startRaw runs serve for each connection; the test ends when they have.
func startRaw(t *testing.T, serve func(nc net.Conn)) (addr string) {
	l := listen(t)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { serve(nc) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// start serves s and closes it when the test ends.
func start(t testing.TB, s *server.Server) (_ *server.Server, addr string) {
	t.Helper()
	l := listen(t)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v; want %v", err, http.ErrServerClosed)
		}
	})
	return s, l.Addr().String()
}

// reply returns the frames of an echo server to n messages "m0", "m1" and so on, and the messages themselves.
func manyMessages(n int) (frames, replies string) {
	var in, out strings.Builder
	for i := range n {
		payload := fmt.Sprintf("m%d", i)
		in.WriteString(masked(0x81, payload))
		out.WriteString("\x81" + string(rune(len(payload))) + payload)
	}
	return in.String(), out.String()
}

package interop

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// servers are the ways in which examples/echo runs here: each mode, and each compression in one of them.
var servers = []struct{ mode, compression string }{
	{"read", "off"},
	{"events", "off"},
	{"loop", "off"},
	{"read", "takeover"},
	{"events", "message"},
	{"loop", "takeover"},
	{"loop", "message"},
}

// An echo is a running examples/echo.
type echo struct {
	*process
	url string
}

// startEcho starts the examples/echo of a directory.
func startEcho(t *testing.T, dir string, args ...string) echo {
	t.Helper()
	p := start(t, filepath.Join(dir, "echo"), append([]string{"-addr", "127.0.0.1:0"}, args...)...)
	line, _ := p.next(t, p.out)
	address, ok := strings.CutPrefix(line, "listening on http://")
	if !ok {
		t.Fatalf("examples/echo wrote %q; want listening on http://...", line)
	}
	return echo{p, "ws://" + strings.TrimSuffix(address, "/") + "/"}
}

var closedLine = regexp.MustCompile(`\bclosed ([0-9]{4})(?: (.*))?$`)

// logged returns the code and reason of the next connection that the server logs as closed.
func (e echo) logged(t *testing.T) (code int, reason string) {
	t.Helper()
	for {
		line, ok := e.next(t, e.err)
		if !ok {
			t.Fatal("examples/echo ended")
		}
		if m := closedLine.FindStringSubmatch(line); m != nil {
			code, _ = strconv.Atoi(m[1])
			return code, m[2]
		}
	}
}

// TestEcho has each peer as a client of each kind of server.
func TestEcho(t *testing.T) {
	for _, p := range peers {
		for _, s := range servers {
			t.Run(fmt.Sprintf("peer=%s/mode=%s/compression=%s", p.name, s.mode, s.compression), func(t *testing.T) {
				t.Parallel()
				client := p.startClient(t, p.pmd)
				args := []string{"-mode", s.mode, "-compression", s.compression}
				usual := startEcho(t, *raced, args...)
				large := startEcho(t, *raced, append(args, "-max-message", strconv.Itoa(17*mib))...)
				small := startEcho(t, *raced, append(args, "-max-message", strconv.Itoa(64*kib))...)
				deflate := s.compression != "off"
				testEchoSizes(t, client, usual, large, s.compression)
				testEchoSeries(t, client, usual, deflate)
				testEchoClosing(t, client, usual, deflate, p)
				testEchoLimit(t, client, small, deflate, 64*kib)
				testEchoLimit(t, client, usual, deflate, mib)
				testEchoShutdown(t, client, usual, deflate)
			})
		}
	}
}

// testEchoSizes sends every size in every shape.
func testEchoSizes(t *testing.T, client *process, usual, large echo, compression string) {
	for _, typ := range []string{"text", "binary"} {
		for _, n := range sizes {
			for _, sh := range shapes(n, compression != "off") {
				check(t, fmt.Sprintf("type=%s/size=%d/%v", typ, n, sh), func(t *testing.T) {
					server := usual
					if sh.charge(n) > mib {
						server = large
					}
					client.begin(t, plan{URL: server.url, File: payloadFile(t, typ, n), Type: typ, shape: sh, Code: 1000})
					e, echoed := client.closed(t)
					if !echoed || e.Code != 1000 {
						t.Errorf("got echoed %v, %+v; want an echo and 1000", echoed, e)
					}
					if sh.Deflate {
						wantCompression(t, e, compression)
					} else {
						wantCompression(t, e, "off")
					}
					if code, reason := server.logged(t); code != 1000 || reason != "" {
						t.Errorf("the server logged closed %d %s; want 1000 without a reason", code, reason)
					}
				})
			}
		}
	}
}

// testEchoSeries sends 400 messages of growing size without waiting for any.
func testEchoSeries(t *testing.T, client *process, server echo, deflate bool) {
	for _, sh := range []shape{{Deflate: deflate}, {Fragment: 50, Ping: true, Deflate: deflate}} {
		check(t, fmt.Sprintf("series/%v", sh), func(t *testing.T) {
			client.begin(t, plan{
				URL: server.url, File: payloadFile(t, "binary", 400), Series: true, Type: "binary", shape: sh, Code: 1000,
			})
			if e, echoed := client.closed(t); !echoed || e.Code != 1000 {
				t.Errorf("got echoed %v, %+v; want an echo and 1000", echoed, e)
			}
			if code, _ := server.logged(t); code != 1000 {
				t.Errorf("the server logged %d; want 1000", code)
			}
		})
	}
}

// testEchoClosing ends connections with codes and reasons of the client's.
func testEchoClosing(t *testing.T, client *process, server echo, deflate bool, p peer) {
	for _, c := range []struct {
		code   int
		reason string
	}{
		{1000, ""},
		{1000, "done"},
		{1001, "leaving the page"},
		{3000, strings.Repeat("r", 123)}, // the longest reason, RFC 6455 section 5.5
		{4001, "seen enough, thanks – 👋"},
		{4999, ""},
		{1005, ""},
		{1006, ""},
	} {
		if c.code == 1005 && p.noCode {
			continue
		}
		check(t, fmt.Sprintf("close=%d/reason=%d", c.code, len(c.reason)), func(t *testing.T) {
			client.begin(t, plan{
				URL: server.url, File: payloadFile(t, "text", 126), Type: "text", shape: shape{Deflate: deflate},
				Code: c.code, Reason: c.reason,
			})
			if e, echoed := client.closed(t); !echoed || e.Code != c.code {
				t.Errorf("got echoed %v, %+v; want an echo and %d", echoed, e, c.code)
			}
			if code, reason := server.logged(t); code != c.code || c.code != 1006 && reason != c.reason {
				t.Errorf("the server logged closed %d %s; want %d %s", code, reason, c.code, c.reason)
			}
		})
	}
}

// testEchoLimit sends to a server with this limit on messages. A connection that fails is drained of 256 KiB; a peer that
// still sends more behind its mistake may meet a reset before it reads the Close frame.
func testEchoLimit(t *testing.T, client *process, server echo, deflate bool, limit int) {
	for _, c := range []struct {
		size int
		shape
		code int
	}{
		{size: limit, code: 1000},
		{size: limit + 1, code: 1009},
		{size: limit - 64*5, shape: shape{Fragment: limit / 64, Ping: true}, code: 1000},
		{size: limit + 1, shape: shape{Fragment: limit / 64, Ping: true}, code: 1009},
		{size: limit + 1, shape: shape{Fragment: limit}, code: 1009},
		{size: 4 * limit, code: 1009},
	} {
		c.Deflate = deflate
		for _, typ := range []string{"text", "binary"} {
			check(t, fmt.Sprintf("limit=%d/type=%s/size=%d/%v", limit, typ, c.size, c.shape), func(t *testing.T) {
				client.begin(t, plan{URL: server.url, File: payloadFile(t, typ, c.size), Type: typ, shape: c.shape, Code: 1000})
				e, echoed := client.closed(t)
				want := c.code
				if rest := cmp.Or(c.Fragment, c.size); want == 1009 && e.Code == 1006 && rest > 256*kib {
					want = 1006
					t.Log("the peer met a reset")
				}
				if ok := c.code == 1000; echoed != ok || e.Code != want {
					t.Errorf("got echoed %v, %+v; want %v, %d", echoed, e, ok, want)
				}
				if code, _ := server.logged(t); code != c.code {
					t.Errorf("the server logged %d; want %d", code, c.code)
				}
			})
		}
	}
}

// testEchoShutdown ends the server under a connection.
func testEchoShutdown(t *testing.T, client *process, server echo, deflate bool) {
	check(t, "shutdown", func(t *testing.T) {
		client.begin(t, plan{URL: server.url, File: payloadFile(t, "text", 1), Type: "text", shape: shape{Deflate: deflate}})
		if e := client.event(t); e.Event != "echoed" {
			t.Fatalf("got %+v; want echoed", e)
		}
		server.interrupt(t)
		if e := client.event(t); e.Event != "closed" || e.Code != 1001 {
			t.Errorf("got %+v; want closed, 1001", e)
		}
		if code, _ := server.logged(t); code != 1001 {
			t.Errorf("the server logged %d; want 1001", code)
		}
		if status := server.exit(t); status != 0 {
			t.Errorf("exit status %d; want 0", status)
		}
	})
}

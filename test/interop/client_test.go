package interop

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// clients are the compressions with which examples/client runs here.
var clients = []string{"off", "message", "takeover"}

// TestClient has each peer as a server to examples/client.
func TestClient(t *testing.T) {
	for _, p := range peers {
		for _, compression := range clients {
			t.Run(fmt.Sprintf("peer=%s/compression=%s", p.name, compression), func(t *testing.T) {
				t.Parallel()
				server, url := p.startServer(t, p.pmd)
				dial := func(t *testing.T, pl plan, args ...string) *process {
					t.Helper()
					args = append([]string{"-compression", compression}, args...)
					return start(t, filepath.Join(*raced, "client"), append(args, url(pl))...)
				}
				testClientSizes(t, server, dial, compression)
				testClientClosing(t, server, dial, p)
				testClientLimit(t, server, dial)
				testClientHandshake(t, server, dial)
			})
		}
	}
}

// A dialer starts examples/client with the given flags, to a connection that follows the plan.
type dialer func(t *testing.T, pl plan, args ...string) *process

// printed returns the line that examples/client writes for a message.
func printed(typ string, payload []byte) string {
	if typ == "text" {
		return fmt.Sprintf("text %d %s", len(payload), payload)
	}
	return fmt.Sprintf("binary %d %s", len(payload), hex.EncodeToString(payload))
}

// abridge shortens a line for a failure's message.
func abridge(line string) string {
	if len(line) > 200 {
		return fmt.Sprintf("%.160s… (%d bytes)", line, len(line))
	}
	return line
}

// wantLine checks the next line that p writes. Space at its end does not count: an empty payload or reason leaves some.
func wantLine(t *testing.T, p *process, want string) {
	t.Helper()
	got, ok := p.next(t, p.out)
	if !ok || strings.TrimRight(got, " ") != strings.TrimRight(want, " ") {
		t.Errorf("got line %q, %v; want %q", abridge(got), ok, abridge(want))
	}
}

// wantExit checks how p ended.
func wantExit(t *testing.T, p *process, want int) {
	t.Helper()
	if status := p.exit(t); status != want {
		t.Errorf("exit status %d; want %d", status, want)
	}
}

// wantClosed checks with what code and reason the peer saw a connection end, and returns its event.
func wantClosed(t *testing.T, server *process, code int, reason string) event {
	t.Helper()
	e, _ := server.closed(t)
	if e.Code != code || e.Reason != reason {
		t.Errorf("the peer got %+v; want code %d, reason %q", e, code, reason)
	}
	return e
}

// testClientSizes sends every size as text and has it back as text and as binary in every shape.
func testClientSizes(t *testing.T, server *process, dial dialer, compression string) {
	for _, typ := range []string{"text", "binary"} {
		for _, n := range sizes {
			for _, sh := range shapes(n, compression != "off") {
				if compression != "off" && !sh.Deflate {
					continue // a server compresses all the same
				}
				check(t, fmt.Sprintf("type=%s/size=%d/%v", typ, n, sh), func(t *testing.T) {
					args := []string{"-once"}
					if sh.charge(n) > mib {
						args = append(args, "-max-message", strconv.Itoa(17*mib))
					}
					client := dial(t, plan{Type: typ, shape: sh}, args...)
					text := payload("text", n)
					client.write(t, append(text[:n:n], '\n'))
					wantLine(t, client, printed(typ, text))
					client.stdin.Close()
					wantLine(t, client, "closed 1000")
					wantExit(t, client, 0)
					wantCompression(t, wantClosed(t, server, 1000, ""), compression)
				})
			}
		}
	}
	check(t, "series", func(t *testing.T) {
		client := dial(t, plan{Type: "binary", shape: shape{Fragment: 50, Ping: true}}, "-once")
		text := payload("text", 400)
		for i := range 400 {
			text[i] = 'a' + byte(i%26)
			client.write(t, append(text[:i:i], '\n'))
			wantLine(t, client, printed("binary", text[:i]))
		}
		client.stdin.Close()
		wantLine(t, client, "closed 1000")
		wantExit(t, client, 0)
		wantClosed(t, server, 1000, "")
	})
}

// testClientClosing ends connections with codes and reasons of the server's, while standard input is at its end.
func testClientClosing(t *testing.T, server *process, dial dialer, p peer) {
	for _, c := range []struct {
		code   int
		reason string
		status int
	}{
		{1000, "", 0},
		{1000, "done", 0},
		{1001, "restarting", 0},
		{3000, strings.Repeat("r", 123), 0},
		{4001, "seen enough, thanks – 👋", 0},
		{1005, "", 0},
		{1006, "", 1},
	} {
		if c.code == 1005 && p.noCode {
			continue
		}
		check(t, fmt.Sprintf("close=%d/reason=%d", c.code, len(c.reason)), func(t *testing.T) {
			client := dial(t, plan{Type: "text", Code: c.code, Reason: c.reason})
			client.write(t, []byte("over?\n"))
			client.stdin.Close()
			wantLine(t, client, "text 5 over?")
			if c.code == 1006 {
				if got, _ := client.next(t, client.out); !strings.HasPrefix(got, "closed 1006") {
					t.Errorf("got line %q; want closed 1006", got)
				}
			} else {
				wantLine(t, client, fmt.Sprintf("closed %d %s", c.code, c.reason))
			}
			wantExit(t, client, c.status)
			if e, _ := server.closed(t); e.Code != c.code {
				t.Errorf("the peer got %+v; want code %d", e, c.code)
			}
		})
	}
}

// testClientLimit sends more to the client than it takes.
func testClientLimit(t *testing.T, server *process, dial dialer) {
	const limit = 64 * kib
	for _, c := range []struct {
		size int
		shape
		code int
	}{
		{size: limit, code: 1000},
		{size: limit + 1, code: 1009},
		{size: limit + 1, shape: shape{Fragment: limit}, code: 1009},
		{size: limit + 1, shape: shape{Fragment: 1000, Ping: true}, code: 1009},
	} {
		for _, typ := range []string{"text", "binary"} {
			check(t, fmt.Sprintf("limit=%d/type=%s/size=%d/%v", limit, typ, c.size, c.shape), func(t *testing.T) {
				client := dial(t, plan{Type: typ, shape: c.shape}, "-once", "-max-message", strconv.Itoa(limit))
				text := payload("text", c.size)
				client.write(t, append(text[:c.size:c.size], '\n'))
				if c.code == 1000 {
					wantLine(t, client, printed(typ, text))
					client.stdin.Close()
					wantLine(t, client, "closed 1000")
					wantExit(t, client, 0)
				} else {
					wantExit(t, client, 1)
				}
				if e, _ := server.closed(t); e.Code != c.code {
					t.Errorf("the peer got %+v; want code %d", e, c.code)
				}
			})
		}
	}
}

// testClientHandshake sends a header and a subprotocol, and is refused.
func testClientHandshake(t *testing.T, server *process, dial dialer) {
	check(t, "header and subprotocol", func(t *testing.T) {
		client := dial(t, plan{Type: "text"}, "-once", "-header", "X-Interop: as sent", "-subprotocol", "interop.v1")
		client.stdin.Close()
		wantLine(t, client, "closed 1000")
		wantExit(t, client, 0)
		e := wantClosed(t, server, 1000, "")
		if e.Header != "as sent" || e.Protocol != "interop.v1" {
			t.Errorf("the peer got %+v; want the header %q and the subprotocol %q", e, "as sent", "interop.v1")
		}
	})
}

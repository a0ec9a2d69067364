package client_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
)

// What a client must validate, RFC 6455 section 4.1, and that the connection is closed where it does not hold.
func TestDial_brokenAnswer(t *testing.T) {
	without := func(line string) func(string) string {
		return func(good string) string {
			_, rest, _ := strings.Cut(good, line)
			_, rest, _ = strings.Cut(rest, "\r\n")
			return good[:strings.Index(good, line)] + rest
		}
	}
	replace := func(old, new string) func(string) string {
		return func(good string) string { return strings.Replace(good, old, new, 1) }
	}
	for _, tt := range []struct {
		name   string
		change func(good string) string
		says   string
	}{
		{"wrong accept", func(string) string { return accepted("", "") }, "Sec-WebSocket-Accept does not answer the key"},
		{"no accept", without("Sec-WebSocket-Accept"), "Sec-WebSocket-Accept does not answer the key"},
		{"two accepts", replace("\r\nUpgrade", "\r\nSec-WebSocket-Accept: x\r\nUpgrade"), "more than one Sec-WebSocket-Accept"},
		{"no Upgrade", without("Upgrade:"), "Upgrade is not websocket"},
		{"another Upgrade", replace("websocket", "h2c"), "Upgrade is not websocket"},
		{"no Connection", without("Connection:"), "Connection does not name Upgrade"},
		{"another Connection", replace("Connection: Upgrade", "Connection: keep-alive"), "Connection does not name Upgrade"},
		{"subprotocol not offered", replace("\r\nUpgrade", "\r\nSec-WebSocket-Protocol: mqtt\r\nUpgrade"), "subprotocol that was not offered"},
		{"subprotocol in another case", replace("\r\nUpgrade", "\r\nSec-WebSocket-Protocol: CHAT\r\nUpgrade"), "subprotocol that was not offered"},
		{"two subprotocols", replace("\r\nUpgrade", "\r\nSec-WebSocket-Protocol: chat, superchat\r\nUpgrade"), "subprotocol"},
		{"extension not offered", replace("\r\nUpgrade", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\nUpgrade"), "extension that was not offered"},
		{"HTTP/1.0", replace("HTTP/1.1", "HTTP/1.0"), "HTTP/1.0"},
		{"status 200", replace("101 Switching Protocols", "200 OK\r\nContent-Length: 0"), "the server answered 200 OK"},
		{"status 304", replace("101 Switching Protocols", "304 Not Modified"), "the server answered 304"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			closed := make(chan error, 1)
			url := listen(t, func(nc net.Conn, head string) {
				io.WriteString(nc, tt.change(accepted(head, "")))
				_, err := nc.Read(make([]byte, 1))
				closed <- err
			})
			err := dialFails(t, url, &client.Options{Subprotocols: []string{"chat", "superchat"}})
			refused, ok := errors.AsType[*client.RefusedError](err)
			if !ok || refused.Header == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v; want a RefusedError about %q", err, tt.says)
			}
			if reason, ok := errors.AsType[*handshake.RejectError](err); !ok || reason.Section == "" {
				t.Errorf("%v names no section", err)
			}
			if err := <-closed; err != io.EOF {
				t.Errorf("the server read %v; want the end of the stream", err)
			}
		})
	}
}

// What is not HTTP at all.
func TestDial_malformedAnswer(t *testing.T) {
	for _, tt := range []struct{ name, answer, says string }{
		{"nothing", "", "closed the connection instead of answering"},
		{"cut short", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: web", "closed the connection instead of answering"},
		{"not HTTP", "SSH-2.0-OpenSSH_9.9\r\n\r\n", "malformed response"},
		{"HTTP/2", "HTTP/2.0 101 Switching Protocols\r\n\r\n", "malformed response"},
		{"status of two digits", "HTTP/1.1 10 X\r\n\r\n", "malformed response"},
		{"line feeds alone", "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n", "malformed response"},
		{"NUL in a field", "HTTP/1.1 101 Switching Protocols\r\nA: \x00\r\n\r\n", "malformed response"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := listen(t, func(nc net.Conn, _ string) { io.WriteString(nc, tt.answer) })
			if err := dialFails(t, url, nil); !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v; want an error about %q", err, tt.says)
			}
		})
	}
}

func TestDial_subprotocol(t *testing.T) {
	for _, tt := range []struct {
		offer  []string
		answer string
		want   string
	}{
		{nil, "", ""},
		{[]string{"chat", "superchat"}, "", ""},
		{[]string{"chat", "superchat"}, "Sec-WebSocket-Protocol: superchat\r\n", "superchat"},
	} {
		asked := make(chan string, 1)
		url := listen(t, func(nc net.Conn, head string) {
			asked <- field(head, "Sec-Websocket-Protocol")
			io.WriteString(nc, accepted(head, tt.answer))
			drain(nc)
		})
		c, err := client.Dial(t.Context(), url, &client.Options{Subprotocols: tt.offer})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := <-asked, strings.Join(tt.offer, ", "); got != want {
			t.Errorf("asked for %q; want %q", got, want)
		}
		if c.Subprotocol() != tt.want {
			t.Errorf("got %q; want %q", c.Subprotocol(), tt.want)
		}
		c.Close()
	}
}

// Responses of 1xx before the one that counts are skipped (RFC 9110 section 15.2), a bounded number of them.
func TestDial_informational(t *testing.T) {
	const hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
	for _, tt := range []struct {
		name string
		pre  string
		ok   bool
	}{
		{"two", hints, true},
		{"as many as are allowed", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", client.MaxInformational), true},
		{"one more", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", client.MaxInformational+1), false},
		{"endless", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 10_000), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := listen(t, func(nc net.Conn, head string) {
				io.WriteString(nc, tt.pre+accepted(head, "")+"\x81\x02hi")
				drain(nc)
			})
			c, err := client.Dial(t.Context(), url, nil)
			if !tt.ok {
				if err == nil || !strings.Contains(err.Error(), "too many 1xx") {
					t.Errorf("got %v; want an error about too many 1xx responses", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if m, err := c.Read(t.Context()); err != nil || string(m.Data) != "hi" {
				t.Errorf("got %q, %v; want the first message", m.Data, err)
			}
		})
	}
}

// A head is bounded in bytes and in lines, whole and while it arrives.
func TestDial_headBounded(t *testing.T) {
	line := "X: " + strings.Repeat("x", 1<<10) + "\r\n"
	for _, tt := range []struct {
		name, more string
		ok         bool
	}{
		{"15 KiB", strings.Repeat(line, 14), true},
		{"17 KiB", strings.Repeat(line, 17), false},
		{"endless line", "X: " + strings.Repeat("x", 1<<20), false},
		{"90 lines", strings.Repeat("X: y\r\n", 90), true},
		{"101 lines", strings.Repeat("X: y\r\n", 101), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := listen(t, func(nc net.Conn, head string) {
				io.WriteString(nc, accepted(head, tt.more))
				drain(nc)
			})
			c, err := client.Dial(t.Context(), url, nil)
			if err == nil {
				c.Close()
			}
			if (err == nil) != tt.ok || err != nil && !strings.Contains(err.Error(), "too") {
				t.Errorf("got %v; want success: %v", err, tt.ok)
			}
		})
	}
}

// The first frames come in the same segment as the 101, or with it cut anywhere.
func TestDial_framesBehindAnswer(t *testing.T) {
	frames := "\x81\x05first\x89\x00\x82\x03\x00\x01\x02\x01\x02fr\x80\x02ag\x88\x02\x03\xe8"
	const replies = len("\x8a\x80mask") + len("\x88\x82mask\x03\xe8") // what the client sends, and waits for the server to close
	check := func(t *testing.T, url string) {
		t.Helper()
		c, err := client.Dial(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, want := range []string{"text first", "binary \x00\x01\x02", "text frag"} {
			m, err := c.Read(t.Context())
			if got := m.Op.String() + " " + string(m.Data); err != nil || got != want {
				t.Fatalf("got %q, %v; want %q", got, err, want)
			}
		}
		if _, err := c.Read(t.Context()); !strings.Contains(err.Error(), "1000") {
			t.Errorf("got %v; want the close with code 1000", err)
		}
	}
	t.Run("whole", func(t *testing.T) {
		check(t, listen(t, func(nc net.Conn, head string) {
			io.WriteString(nc, accepted(head, "")+frames)
			io.ReadFull(nc, make([]byte, replies))
		}))
	})
	t.Run("byte by byte", func(t *testing.T) {
		check(t, listen(t, func(nc net.Conn, head string) {
			for _, b := range []byte(accepted(head, "") + frames) {
				nc.Write([]byte{b})
			}
			io.ReadFull(nc, make([]byte, replies))
		}))
	})
	t.Run("a thousand", func(t *testing.T) {
		url := listen(t, func(nc net.Conn, head string) {
			io.WriteString(nc, accepted(head, "")+strings.Repeat("\x82\x01x", 1000))
			drain(nc)
		})
		c, err := client.Dial(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i := range 1000 {
			if m, err := c.Read(t.Context()); err != nil || m.Op != frame.Binary || string(m.Data) != "x" {
				t.Fatalf("message %d: got %q, %v", i, m.Data, err)
			}
		}
	})
}

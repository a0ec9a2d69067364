package client_test

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/laminar-ws/laminar/client"
)

// closeCounter counts the connections that are open.
type closeCounter struct {
	net.Conn
	open   *atomic.Int64
	closed atomic.Bool
}

func (c *closeCounter) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}

// Whatever goes wrong, and whenever, Dial closes what it opened.
func TestDial_closesOnError(t *testing.T) {
	for _, tt := range []struct {
		name, url string
		serve     script
	}{
		{"nothing", "ws://h/", func(net.Conn, string) {}},
		{"half an answer", "ws://h/", func(nc net.Conn, head string) { io.WriteString(nc, accepted(head, "")[:30]) }},
		{"malformed", "ws://h/", func(nc net.Conn, _ string) { io.WriteString(nc, "hello\r\n\r\n") }},
		{"refused", "ws://h/", func(nc net.Conn, _ string) { io.WriteString(nc, "HTTP/1.1 403 Forbidden\r\n\r\nno") }},
		{"wrong accept", "ws://h/", func(nc net.Conn, _ string) { io.WriteString(nc, accepted("", "")) }},
		{"too many responses", "ws://h/", func(nc net.Conn, _ string) {
			io.WriteString(nc, strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20))
		}},
		{"no TLS", "wss://h/", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var open atomic.Int64
			dial := inMemory(func(nc net.Conn) {
				if tt.serve == nil {
					go drain(nc)
					io.WriteString(nc, "not TLS at all")
					return
				}
				head, _ := readRequestHead(nc)
				tt.serve(nc, head)
			})
			dialFails(t, tt.url, &client.Options{NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
				nc, err := dial(ctx, network, addr)
				open.Add(1)
				return &closeCounter{Conn: nc, open: &open}, err
			}})
			if n := open.Load(); n != 0 {
				t.Errorf("%d connections were left open", n)
			}
		})
	}
}

// descriptors returns how many files and sockets the process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestDial_descriptors(t *testing.T) {
	var serve atomic.Pointer[script]
	url := listen(t, func(nc net.Conn, head string) { (*serve.Load())(nc, head) })
	answers := []script{
		func(nc net.Conn, head string) {
			io.WriteString(nc, accepted(head, ""))
			drain(nc)
		},
		func(nc net.Conn, _ string) {
			io.WriteString(nc, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
		},
		func(nc net.Conn, _ string) { io.WriteString(nc, accepted("", "")) },
		func(net.Conn, string) {},
	}
	round := func() {
		for i := range answers {
			serve.Store(&answers[i])
			if c, err := client.Dial(t.Context(), url, nil); err == nil {
				c.Close()
			}
		}
	}
	round()
	before := descriptors(t)
	for range 50 {
		round()
	}
	// A few of the server's may be about to close.
	if after := descriptors(t); after > before+20 {
		t.Errorf("%d descriptors before, %d after 200 dials", before, after)
	}
}

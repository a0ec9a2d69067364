package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/laminar-ws/laminar/client"
)

func TestDial_refused(t *testing.T) {
	long := strings.Repeat("x", client.MaxRefusalBody+1000)
	for _, tt := range []struct {
		name, answer string
		status       int
		body         string
	}{
		{"length", "HTTP/1.1 403 Forbidden\r\nX-Why: origin\r\nContent-Length: 7\r\n\r\ngo away and more", 403, "go away"},
		{"until the end", "HTTP/1.1 502 Bad Gateway\r\nX-Why: origin\r\n\r\nno upstream\n", 502, "no upstream\n"},
		{"chunked", "HTTP/1.1 401 Unauthorized\r\nX-Why: origin\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n5;x=y\r\n goes\r\n0\r\n\r\n", 401, "who goes"},
		{"no body", "HTTP/1.1 404 Not Found\r\nX-Why: origin\r\nContent-Length: 0\r\n\r\n", 404, ""},
		{"no reason", "HTTP/1.1 503\r\nX-Why: origin\r\n\r\nbusy", 503, "busy"},
		{"redirect", "HTTP/1.1 302 Found\r\nX-Why: origin\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, ""},
		{"upgrade required", "HTTP/1.1 426 Upgrade Required\r\nX-Why: origin\r\nSec-WebSocket-Version: 7, 8\r\nContent-Length: 2\r\n\r\nv8", 426, "v8"},
		{"longer than is kept", fmt.Sprintf("HTTP/1.1 400 Bad Request\r\nX-Why: origin\r\nContent-Length: %d\r\n\r\n%s", len(long), long), 400, long[:client.MaxRefusalBody]},
		{"shorter than it says", "HTTP/1.1 400 Bad Request\r\nX-Why: origin\r\nContent-Length: 100\r\n\r\nhalf", 400, "half"},
		{"malformed chunks", "HTTP/1.1 400 Bad Request\r\nX-Why: origin\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nnot a length\r\n", 400, "ok"},
	} {
		for _, pieces := range []string{"whole", "bytes"} {
			if pieces == "bytes" && len(tt.answer) > 1000 {
				continue // thousands of writes may take longer than Dial waits for a body
			}
			t.Run(tt.name+"/"+pieces, func(t *testing.T) {
				t.Parallel()
				url := listen(t, func(nc net.Conn, _ string) {
					if pieces == "whole" {
						io.WriteString(nc, tt.answer)
						return
					}
					for i := range tt.answer {
						if _, err := io.WriteString(nc, tt.answer[i:i+1]); err != nil {
							return
						}
					}
				})
				refused, ok := errors.AsType[*client.RefusedError](dialFails(t, url, nil))
				if !ok || refused.Status != tt.status || refused.Header.Get("X-Why") != "origin" || string(refused.Body) != tt.body {
					t.Errorf("got %+v; want status %d and body %q", refused, tt.status, tt.body)
				}
			})
		}
	}
}

func TestRefusedError_Error(t *testing.T) {
	err := &client.RefusedError{Status: 403, Body: []byte(" \nno \x1b[31mentry\nsecond line"), Err: errors.New("status is not 101")}
	want := `refused with status 403: status is not 101: "no \x1b[31mentry"`
	if err.Error() != want || errors.Unwrap(err) != err.Err {
		t.Errorf("got %s; want %s", err, want)
	}
	err.Body = []byte(strings.Repeat("x", client.MaxRefusalBody))
	if got := err.Error(); len(got) > 300 || !strings.HasSuffix(got, `xxx"...`) {
		t.Errorf("got %s; want a short line", got)
	}
	if err.Body = nil; err.Error() != "refused with status 403: status is not 101" {
		t.Errorf("got %s", err)
	}
}

// countingConn counts what is read from it.
type countingConn struct {
	net.Conn
	n *atomic.Int64
}

func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// A body without end costs what is kept of it, not what the server sends until a time is up.
func TestDial_refusedEndlessBody(t *testing.T) {
	for _, framing := range []string{"", "Transfer-Encoding: chunked\r\n", "Content-Length: 1000000000000\r\n"} {
		url := listen(t, func(nc net.Conn, _ string) {
			io.WriteString(nc, "HTTP/1.1 500 Internal Server Error\r\n"+framing+"\r\n")
			chunk := strings.Repeat("x", 1<<16)
			if strings.HasPrefix(framing, "Transfer") {
				chunk = "10000\r\n" + chunk + "\r\n"
			}
			for {
				if _, err := io.WriteString(nc, chunk); err != nil {
					return
				}
			}
		})
		var n atomic.Int64
		err := dialFails(t, url, &client.Options{NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := new(net.Dialer).DialContext(ctx, network, addr)
			return countingConn{nc, &n}, err
		}})
		refused, ok := errors.AsType[*client.RefusedError](err)
		if !ok || refused.Status != http.StatusInternalServerError || len(refused.Body) != client.MaxRefusalBody {
			t.Errorf("%q: got %.200v; want a refusal with %d bytes of body", framing, err, client.MaxRefusalBody)
		}
		if got := n.Load(); got > 32<<10 {
			t.Errorf("%q: %d bytes were read", framing, got)
		}
	}
}

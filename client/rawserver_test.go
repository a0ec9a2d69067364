package client_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/handshake"
)

// script is a server by hand for one connection. head is the request, up to and including its empty line; the
// connection is closed when script returns.
type script func(nc net.Conn, head string)

// readRequestHead reads one request head and not a byte more.
func readRequestHead(r io.Reader) (string, error) {
	var head []byte
	var b [1]byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return string(head), err
		}
		head = append(head, b[0])
	}
	return string(head), nil
}

// listen runs serve for each connection to a loopback port, whose URL it returns. The connections have ended when the test has.
func listen(t testing.TB, serve script) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer nc.Close()
				if head, err := readRequestHead(nc); err == nil {
					serve(nc, head)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return "ws://" + l.Addr().String() + "/"
}

// inMemory returns a NetDial whose connections are served by serve in memory, on goroutines that end with them.
func inMemory(serve func(nc net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			serve(theirs)
		}()
		return ours, nil
	}
}

// field returns the value of a field of a request head.
func field(head, name string) string {
	values := fields(head)[name]
	if len(values) != 1 {
		return strings.Join(values, "|")
	}
	return values[0]
}

// fields returns the header of a request head.
func fields(head string) http.Header {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	if err != nil {
		return nil
	}
	h := r.Header
	h.Set("Host", r.Host)
	return h
}

// accepted returns the 101 response to the request with the given head, with more field lines, each ended by CRLF.
func accepted(head, more string) string {
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		handshake.AcceptKey(field(head, "Sec-Websocket-Key")) + "\r\n" + more + "\r\n"
}

// drain reads until the client closes the connection.
func drain(nc net.Conn) { io.Copy(io.Discard, nc) }

// dialFails dials and returns the error, which must be there.
func dialFails(t *testing.T, url string, opts *client.Options) error {
	t.Helper()
	c, err := client.Dial(t.Context(), url, opts)
	if err == nil {
		c.Close()
		t.Fatal("got a connection; want an error")
	}
	if c != nil {
		t.Errorf("got a connection besides error %v", err)
	}
	return err
}

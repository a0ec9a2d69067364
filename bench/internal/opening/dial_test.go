//go:build linux

package opening

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// listen serves each connection with handle until the test ends, and returns the address.
func listen(t *testing.T, handle func(net.Conn)) netip.AddrPort {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() { // ends with the listener
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			handle(nc)
			nc.Close()
		}
	}()
	return ln.Addr().(*net.TCPAddr).AddrPort()
}

func TestWebSocket_refused(t *testing.T) {
	head := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n"
	tests := []struct {
		name, rfc, answer string
	}{
		{"forbidden", "4.2.2", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"},
		{"no Upgrade", "4.1", "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n"},
		{"another accept value", "4.2.2", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAA\r\n\r\n"},
		{"an extension", "4.1", head + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"},
		{"a frame", "5.2", head + "\r\n\x82\x00"},
		{"nothing", "4.2.2", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr := listen(t, func(nc net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(nc)); err == nil {
					fmt.Fprint(nc, tt.answer)
				}
			})
			if tc, _, err := WebSocket(t.Context(), addr, netip.Addr{}, wire.Uncompressed); err == nil {
				tc.Close()
				t.Errorf("WebSocket succeeded after %q (RFC 6455 section %s)", tt.answer, tt.rfc)
			}
		})
	}
}

func TestDial_fromAnotherAddress(t *testing.T) {
	from := make(chan string, 1)
	addr := listen(t, func(nc net.Conn) { from <- nc.RemoteAddr().(*net.TCPAddr).IP.String() })
	tc, err := Dial(t.Context(), addr, netip.MustParseAddr("127.0.0.7"))
	if err != nil {
		t.Fatal(err)
	}
	defer tc.Close()
	if got := <-from; got != "127.0.0.7" {
		t.Errorf("the server sees %s; want 127.0.0.7", got)
	}
}

// The descriptor works on when the net package's is closed, and does not block.
func TestDetach(t *testing.T) {
	said := make(chan string, 1)
	addr := listen(t, func(nc net.Conn) {
		b := make([]byte, 5)
		n, _ := nc.Read(b)
		said <- string(b[:n])
	})
	tc, err := Dial(t.Context(), addr, netip.Addr{})
	if err != nil {
		t.Fatal(err)
	}
	fd, err := Detach(tc)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := unix.Read(fd, make([]byte, 1)); err != unix.EAGAIN {
		t.Errorf("a read of nothing: %v; want %v", err, unix.EAGAIN)
	}
	if _, err := unix.Write(fd, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-said:
		if got != "hello" {
			t.Errorf("the server got %q; want hello", got)
		}
	case <-time.After(Timeout):
		t.Error("the server got nothing")
	}
}

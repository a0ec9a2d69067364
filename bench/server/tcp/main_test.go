//go:build linux

package main

import (
	"net"
	"testing"

	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
)

func TestEcho(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go serve(ln) // ends with the listener
	echotest.Plain(t, ln.Addr().(*net.TCPAddr).AddrPort())
}

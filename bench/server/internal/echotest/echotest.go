//go:build linux

// Package echotest holds the test that every server of the benchmark has to pass: that it is an echo at all.
package echotest

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/generator"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

const (
	moment   = 100 * time.Millisecond // how long each load lasts
	patience = time.Minute            // with a machine that is short of time
)

// WebSocket fails the test unless the server at addr answers upgrades and echoes messages of every length class of RFC 6455 section 5.2,
// text and binary, in order, with their type.
func WebSocket(t *testing.T, addr netip.AddrPort) {
	t.Helper()
	for _, s := range []wire.Shape{
		{Op: wire.Binary, Size: 0, Window: 3},
		{Op: wire.Text, Size: 125, Window: 1},
		{Op: wire.Binary, Size: 128, Window: 64},
		{Op: wire.Text, Size: 65_535, Window: 2},
		{Op: wire.Binary, Size: 65_536, Window: 4},
		{Op: wire.Binary, Size: 1 << 20, Window: 2},
	} {
		drive(t, addr, s)
	}
}

// Deflate fails the test unless the server at addr, set up for the compression given, agrees on it and echoes messages compressed, in order.
func Deflate(t *testing.T, addr netip.AddrPort, c wire.Compression) {
	t.Helper()
	for _, s := range []wire.Shape{
		{Op: wire.Text, JSON: true, Size: 1024, Window: 1},
		{Op: wire.Text, JSON: true, Size: 512, Window: 64},
		{Op: wire.Binary, Size: 4096, Window: 4},
	} {
		s.Compression = c
		drive(t, addr, s)
	}
}

// Compressions is Servers for what handler returns, on net/http.
func Compressions(t *testing.T, handler func(compression string) (http.Handler, error), known ...wire.Compression) {
	t.Helper()
	Servers(t, func(t *testing.T, compression string) (addr netip.AddrPort, err error) {
		h, err := handler(compression)
		if err != nil {
			return addr, err
		}
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		return netip.MustParseAddrPort(srv.Listener.Addr().String()), nil
	}, known...)
}

// Servers runs a subtest for each of the compressions that start is to know, by the names of the load generator's flag -compression,
// and fails the test where start knows another. What start starts ends with the test that it is given.
func Servers(t *testing.T, start func(t *testing.T, compression string) (netip.AddrPort, error), known ...wire.Compression) {
	t.Helper()
	for _, c := range []wire.Compression{wire.Uncompressed, wire.NoTakeover, wire.Takeover} {
		t.Run(c.String(), func(t *testing.T) {
			addr, err := start(t, c.String())
			if wanted := slices.Contains(known, c); (err == nil) != wanted {
				t.Fatalf("compression %v: error %v; want none: %v", c, err, wanted)
			} else if !wanted {
				return
			}
			if c == wire.Uncompressed {
				WebSocket(t, addr)
			} else {
				Deflate(t, addr, c)
			}
		})
	}
	if _, err := start(t, "gzip"); err == nil {
		t.Error("a compression that is none was accepted")
	}
}

// Plain fails the test unless addr echoes bytes.
func Plain(t *testing.T, addr netip.AddrPort) {
	t.Helper()
	for _, s := range []wire.Shape{
		{Op: wire.Binary, Size: 128, Window: 64, Unmasked: true},
		{Op: wire.Binary, Size: 1 << 20, Window: 2, Unmasked: true},
	} {
		drive(t, addr, s)
	}
}

func drive(t *testing.T, addr netip.AddrPort, s wire.Shape) {
	t.Helper()
	r, err := generator.Run(t.Context(), generator.Config{
		Addr: addr, Conns: 3, Shape: s, Plain: s.Unmasked, Measure: moment, Patience: patience,
	})
	if err != nil {
		t.Errorf("opcode %d, %d bytes, %d in flight, compression %v: %v", s.Op, s.Size, s.Window, s.Compression, err)
	} else if r.Total == 0 {
		t.Errorf("opcode %d, %d bytes, %d in flight, compression %v: no message", s.Op, s.Size, s.Window, s.Compression)
	}
}

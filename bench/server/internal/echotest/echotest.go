//go:build linux

// Package echotest holds the test that every server of the benchmark has to pass: that it is an echo at all.
package echotest

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/generator"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

const (
	moment   = 200 * time.Millisecond // how long each load lasts
	patience = time.Minute            // with a machine that is short of time
)

// Handler fails the test unless h answers upgrades and echoes messages of every length class of RFC 6455 section 5.2, text and
// binary, in order, with their type.
func Handler(t *testing.T, h http.Handler) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	addr := netip.MustParseAddrPort(srv.Listener.Addr().String())
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
		t.Errorf("opcode %d, %d bytes, %d in flight: %v", s.Op, s.Size, s.Window, err)
	} else if r.Total == 0 {
		t.Errorf("opcode %d, %d bytes, %d in flight: no message", s.Op, s.Size, s.Window)
	}
}

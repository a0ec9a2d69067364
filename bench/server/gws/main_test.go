//go:build linux

package main

import (
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/wire"
	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
)

func TestEcho(t *testing.T) {
	echotest.Compressions(t, handler, wire.Uncompressed, wire.NoTakeover, wire.Takeover)
}

//go:build linux

package main

import (
	"net/http"
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/wire"
	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
)

func TestHandler(t *testing.T) {
	for _, mode := range []string{"read", "events"} {
		t.Run(mode, func(t *testing.T) {
			named := func(compression string) (http.Handler, error) { return handler(mode, compression, 0) }
			echotest.Compressions(t, named, wire.Uncompressed, wire.NoTakeover, wire.Takeover)
			h, err := handler(mode, "dedicated", 0)
			if err != nil {
				t.Fatal(err)
			}
			echotest.Deflate(t, h, wire.Takeover)
		})
	}
}

func TestHandler_unknownMode(t *testing.T) {
	if _, err := handler("flood", "off", 0); err == nil {
		t.Error("a mode that is none was accepted")
	}
}

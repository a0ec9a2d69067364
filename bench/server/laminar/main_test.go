//go:build linux

package main

import (
	"testing"

	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
)

func TestHandler(t *testing.T) {
	for _, mode := range []string{"read", "events"} {
		t.Run(mode, func(t *testing.T) {
			h, err := handler(mode)
			if err != nil {
				t.Fatal(err)
			}
			echotest.Handler(t, h)
		})
	}
}

func TestHandler_unknownMode(t *testing.T) {
	if _, err := handler("flood"); err == nil {
		t.Error("a mode that is none was accepted")
	}
}

//go:build linux

package main

import (
	"net/http"
	"testing"

	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
)

func TestEcho(t *testing.T) { echotest.Handler(t, http.HandlerFunc(echo)) }

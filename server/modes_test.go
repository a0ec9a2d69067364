package server_test

import (
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// mode is a way in which a Server serves its connections.
type mode struct {
	name           string
	handle         bool
	loops, workers int
}

var modes = []mode{
	{name: "Handle", handle: true},
	{name: "Events"},
	{name: "Loops", loops: 2},
	{name: "Loops and Workers", loops: 2, workers: 3},
}

// forModes runs test for each way to serve.
func forModes(t *testing.T, test func(t *testing.T, m mode)) {
	for _, m := range modes {
		t.Run(m.name, func(t *testing.T) { test(t, m) })
	}
}

// forEvents runs test for each way to serve that calls Events' functions.
func forEvents(t *testing.T, test func(t *testing.T, m mode)) {
	for _, m := range modes {
		if !m.handle {
			t.Run(m.name, func(t *testing.T) { test(t, m) })
		}
	}
}

// needsLoops skips a test where there are no event loops.
func needsLoops(t *testing.T) {
	if !server.LoopsSupported {
		t.Skip("no event loops on this system")
	}
}

// forLoops runs test for each way to serve with event loops.
func forLoops(t *testing.T, test func(t *testing.T, m mode)) {
	needsLoops(t)
	for _, m := range modes {
		if m.loops > 0 {
			t.Run(m.name, func(t *testing.T) { test(t, m) })
		}
	}
}

// echo makes s an echo server of this mode.
func (m mode) echo(s *server.Server) *server.Server {
	s.Events = echoEvents
	if m.handle {
		s.Handle = echo
	}
	return m.serve(s)
}

// serve makes s, whose events are set, a server of this mode.
func (m mode) serve(s *server.Server) *server.Server {
	s.Loops, s.Workers = m.loops, m.workers
	return s
}

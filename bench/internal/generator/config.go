//go:build linux

// Package generator drives an echo server with many connections from few threads, and measures both: messages per second, the
// server's processor time and memory, round-trip times.
//
// It knows no WebSocket library. Connections are opened through net and net/http's response parser; from then on they are bare
// descriptors in an epoll set (epoll(7)), and all a loop does is read, compare headers, and write frames that were compressed and masked
// before the clock started (package wire). What it takes from a shared machine is thus small and the same for every server.
package generator

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// Defaults of Config's fields.
const (
	DefaultPatience = 5 * time.Second
	DefaultLoops    = 1
)

// Config says what to drive and how.
type Config struct {
	Addr  netip.AddrPort // of the server
	Conns int            // connections, at least 1; one descriptor each, on both sides
	Shape wire.Shape     // of the messages; Window of them are kept in flight on each connection; the server chooses the MaxWindowBits

	// Plain leaves out the opening handshake, for a server that echoes bytes and knows no WebSocket. It goes
	// with Shape.Unmasked.
	Plain bool

	Warmup  time.Duration // not measured; 0 or less: none; with context takeover, repeated until all connections' windows are full
	Measure time.Duration // more than 0

	// PID is the server's process, on this machine; 0 leaves the server's figures out.
	PID int

	// Settle is how long to wait after opening the connections before the server's memory is read.
	// It has no meaning without PID; 0 or less: no wait.
	Settle time.Duration

	// Patience is how long no connection may have anything to read, nor room that was waited for, before the run fails.
	// 0 or less: DefaultPatience.
	Patience time.Duration

	Loops int // threads that share the connections; 0 or less: DefaultLoops
}

// check completes c with defaults and refuses what cannot run.
func (c Config) check() (Config, error) {
	switch {
	case !c.Addr.IsValid():
		return c, errors.New("generator: no server address")
	case c.Conns < 1:
		return c, fmt.Errorf("generator: %d connections", c.Conns)
	case c.Measure <= 0:
		return c, fmt.Errorf("generator: %v to measure", c.Measure)
	case c.Plain != c.Shape.Unmasked:
		return c, errors.New("generator: unmasked frames go with a plain echo, and masked ones with WebSocket")
	case c.Plain && c.Shape.Compression != wire.Uncompressed:
		return c, errors.New("generator: a plain echo agrees on no compression")
	}
	if c.Patience <= 0 {
		c.Patience = DefaultPatience
	}
	if c.Loops <= 0 {
		c.Loops = DefaultLoops
	}
	c.Loops = min(c.Loops, c.Conns)
	return c, nil
}

//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// scenario is one kind of load.
type scenario struct {
	name        string
	conns       int
	inFlight    int // messages per connection
	size        int // payload bytes per message
	compression wire.Compression
	json        bool // documents, as text messages
}

var scenarios = []scenario{
	{name: "pipeline", conns: 100, inFlight: 64, size: 128},
	{name: "pingpong", conns: 1000, inFlight: 1, size: 1024},
	{name: "deflate-message-100", conns: 100, inFlight: 1, size: 1024, compression: wire.NoTakeover, json: true},
	{name: "deflate-message-1000", conns: 1000, inFlight: 1, size: 1024, compression: wire.NoTakeover, json: true},
	{name: "deflate-takeover-100", conns: 100, inFlight: 1, size: 1024, compression: wire.Takeover, json: true},
	{name: "deflate-takeover-1000", conns: 1000, inFlight: 1, size: 1024, compression: wire.Takeover, json: true},
}

// String tells what the load is.
func (s scenario) String() string {
	what := ""
	if s.json {
		what = " of JSON"
	}
	switch s.compression {
	case wire.NoTakeover:
		what += ", compressed, without context takeover"
	case wire.Takeover:
		what += ", compressed, with context takeover"
	}
	return fmt.Sprintf("%d connections, %d in flight each, %d bytes per message%s", s.conns, s.inFlight, s.size, what)
}

// contender is one server as it is measured.
type contender struct {
	name    string // in the table
	program string // the directory under server/
	// args are those beside -addr, for each compression the server can do; it is left out of the scenarios with another.
	args    map[wire.Compression]string
	plain   bool   // echoes bytes, without WebSocket
	c       bool   // written in C, not in Go
	library string // the module measured, whose version is told; "" for none but Go's own
}

// onlyCompression are the arguments of a server that has no others.
var onlyCompression = map[wire.Compression]string{
	wire.Uncompressed: "",
	wire.NoTakeover:   "-compression message",
	wire.Takeover:     "-compression takeover",
}

// laminar is the contender that runs the laminar server with the arguments given, beside those of the compressions it does.
func laminar(name, args string, does ...wire.Compression) contender {
	c := contender{name: name, program: "laminar", library: "github.com/laminar-ws/laminar", args: map[wire.Compression]string{}}
	for _, compression := range does {
		c.args[compression] = strings.TrimSpace(args + " " + onlyCompression[compression])
	}
	return c
}

var contenders = []contender{
	laminar("laminar-loop", "-mode loop", wire.Uncompressed, wire.NoTakeover, wire.Takeover),
	laminar("laminar-events", "-mode events", wire.Uncompressed, wire.NoTakeover, wire.Takeover),
	laminar("laminar-nethttp", "-mode nethttp", wire.Uncompressed),
	laminar("laminar-read", "-mode read", wire.Uncompressed),
	{name: "laminar-dedicated", program: "laminar", library: "github.com/laminar-ws/laminar", args: map[wire.Compression]string{
		wire.Takeover: "-mode events -compression dedicated",
	}},
	{name: "epoll", program: "epoll", plain: true, c: true, args: map[wire.Compression]string{wire.Uncompressed: ""}},
	{name: "tcp", program: "tcp", plain: true, args: map[wire.Compression]string{wire.Uncompressed: ""}},
	{name: "gorilla", program: "gorilla", library: "github.com/gorilla/websocket", args: map[wire.Compression]string{
		wire.Uncompressed: "",
		wire.NoTakeover:   "-compression message",
	}},
	{name: "coder", program: "coder", library: "github.com/coder/websocket", args: onlyCompression},
	{name: "gws", program: "gws", library: "github.com/lxzan/gws", args: onlyCompression},
}

// able returns those of cs that can do the scenario.
func (s scenario) able(cs []contender) []contender {
	return slices.DeleteFunc(slices.Clone(cs), func(c contender) bool {
		_, ok := c.args[s.compression]
		return !ok
	})
}

// loadArgs returns the load generator's arguments that make the scenario against c.
func (s scenario) loadArgs(c contender) []string {
	mode := "pipeline"
	switch {
	case c.plain:
		mode = "plain"
	case s.inFlight == 1:
		mode = "pingpong"
	}
	args := []string{
		"-mode", mode,
		"-conns", strconv.Itoa(s.conns),
		"-inflight", strconv.Itoa(s.inFlight),
		"-size", strconv.Itoa(s.size),
	}
	if s.json {
		args = append(args, "-json-payload")
	}
	if s.compression != wire.Uncompressed {
		args = append(args, "-compression", s.compression.String())
	}
	return args
}

// base returns the first of the comma-separated names that is one of cs, and the first name where none is.
func base(names string, cs []contender) string {
	all := strings.Split(names, ",")
	for _, name := range all {
		if slices.ContainsFunc(cs, func(c contender) bool { return c.name == name }) {
			return name
		}
	}
	return all[0]
}

// choose returns the elements that the comma-separated names ask for, in the order of all; every one for "".
func choose[T any](all []T, name func(T) string, names string) ([]T, error) {
	if names == "" {
		return all, nil
	}
	wanted := strings.Split(names, ",")
	for _, w := range wanted {
		if !slices.ContainsFunc(all, func(e T) bool { return name(e) == w }) {
			return nil, fmt.Errorf("there is no %q", w)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(e T) bool { return !slices.Contains(wanted, name(e)) }), nil
}

// rotate returns all, beginning with the one at index by modulo its length: no server is always the first of a round.
func rotate[T any](all []T, by int) []T {
	by %= len(all)
	return slices.Concat(all[by:], all[:by])
}

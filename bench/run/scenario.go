//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// module is where the packages of the benchmark are.
const module = "github.com/laminar-ws/laminar/bench"

// scenario is one kind of load.
type scenario struct {
	name     string
	conns    int
	inFlight int // messages per connection
	size     int // payload bytes per message
}

var scenarios = []scenario{
	{name: "pipeline", conns: 100, inFlight: 64, size: 128},
	{name: "pingpong", conns: 1000, inFlight: 1, size: 1024},
}

// contender is one server as it is measured.
type contender struct {
	name    string   // in the table
	program string   // the directory under server/
	args    []string // beside -addr
	plain   bool     // echoes bytes, without WebSocket
	library string   // the module measured, whose version is told; "" for none but Go's own
}

var contenders = []contender{
	{name: "laminar-events", program: "laminar", args: []string{"-mode", "events"}, library: "github.com/laminar-ws/laminar"},
	{name: "laminar-read", program: "laminar", args: []string{"-mode", "read"}, library: "github.com/laminar-ws/laminar"},
	{name: "tcp", program: "tcp", plain: true},
	{name: "gorilla", program: "gorilla", library: "github.com/gorilla/websocket"},
	{name: "gws", program: "gws", library: "github.com/lxzan/gws"},
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
	return []string{
		"-mode", mode,
		"-conns", strconv.Itoa(s.conns),
		"-inflight", strconv.Itoa(s.inFlight),
		"-size", strconv.Itoa(s.size),
	}
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

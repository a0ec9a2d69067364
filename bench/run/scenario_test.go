//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func self(s string) string { return s }

func TestChoose(t *testing.T) {
	all := []string{"a", "b", "c"}
	tests := []struct {
		names string
		want  []string
	}{
		{"", all},
		{"c,a", []string{"a", "c"}},
		{"b", []string{"b"}},
	}
	for _, tt := range tests {
		got, err := choose(all, self, tt.names)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("choose(%q) = %v, %v; want %v", tt.names, got, err, tt.want)
		}
	}
	if got, err := choose(all, self, "a,d"); err == nil {
		t.Errorf("choose of an unknown name = %v", got)
	}
	if !slices.Equal(all, []string{"a", "b", "c"}) {
		t.Errorf("choose changed its argument to %v", all)
	}
}

func TestRotate(t *testing.T) {
	first := map[string]int{}
	for round := range 6 {
		got := rotate([]string{"a", "b", "c"}, round)
		first[got[0]]++
		if sorted := slices.Sorted(slices.Values(got)); !slices.Equal(sorted, []string{"a", "b", "c"}) {
			t.Fatalf("rotate by %d = %v", round, got)
		}
	}
	for name, n := range first {
		if n != 2 {
			t.Errorf("%s is first in %d of 6 rounds; want 2", name, n)
		}
	}
}

func TestScenario_loadArgs(t *testing.T) {
	tests := []struct {
		s    scenario
		c    contender
		want string
	}{
		{scenario{conns: 100, inFlight: 64, size: 128}, contender{}, "-mode pipeline -conns 100 -inflight 64 -size 128"},
		{scenario{conns: 1000, inFlight: 1, size: 1024}, contender{}, "-mode pingpong -conns 1000 -inflight 1 -size 1024"},
		{scenario{conns: 100, inFlight: 1, size: 1024, json: true, compression: wire.Takeover}, contender{},
			"-mode pingpong -conns 100 -inflight 1 -size 1024 -json-payload -compression takeover"},
		{scenario{conns: 1000, inFlight: 1, size: 1024}, contender{plain: true}, "-mode plain -conns 1000 -inflight 1 -size 1024"},
	}
	for _, tt := range tests {
		if got := strings.Join(tt.s.loadArgs(tt.c), " "); got != tt.want {
			t.Errorf("loadArgs = %s; want %s", got, tt.want)
		}
	}
}

func TestScenario_able(t *testing.T) {
	want := map[string]string{
		"pipeline":              "laminar-loop laminar-events laminar-nethttp laminar-read epoll tcp gorilla coder gws",
		"pingpong":              "laminar-loop laminar-events laminar-nethttp laminar-read epoll tcp gorilla coder gws",
		"deflate-message-100":   "laminar-loop laminar-events gorilla coder gws",
		"deflate-message-1000":  "laminar-loop laminar-events gorilla coder gws",
		"deflate-takeover-100":  "laminar-loop laminar-events laminar-dedicated coder gws",
		"deflate-takeover-1000": "laminar-loop laminar-events laminar-dedicated coder gws",
	}
	for _, s := range scenarios {
		var names []string
		for _, c := range s.able(contenders) {
			names = append(names, c.name)
			// The server's own flag names the compression of the scenario, or a way to do it.
			flag := c.args[s.compression]
			if ok := strings.Contains(flag, "-compression "+s.compression.String()) || strings.Contains(flag, "dedicated"); ok != (s.compression != wire.Uncompressed) {
				t.Errorf("%s: %s is started with %q", s.name, c.name, flag)
			}
		}
		if got := strings.Join(names, " "); got != want[s.name] {
			t.Errorf("%s: %s; want %s", s.name, got, want[s.name])
		}
	}
}

func TestScenario_String(t *testing.T) {
	s := scenario{conns: 100, inFlight: 1, size: 1024, json: true, compression: wire.Takeover}
	if got, want := s.String(), "100 connections, 1 in flight each, 1024 bytes per message of JSON, compressed, with context takeover"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}

func TestBase(t *testing.T) {
	cs := []contender{{name: "a"}, {name: "b"}}
	for names, want := range map[string]string{"b": "b", "x,b,a": "b", "x,y": "x"} {
		if got := base(names, cs); got != want {
			t.Errorf("base(%q) = %q; want %q", names, got, want)
		}
	}
}

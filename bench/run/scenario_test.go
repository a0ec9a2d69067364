//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"
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
		{scenario{conns: 1000, inFlight: 1, size: 1024}, contender{plain: true}, "-mode plain -conns 1000 -inflight 1 -size 1024"},
	}
	for _, tt := range tests {
		if got := strings.Join(tt.s.loadArgs(tt.c), " "); got != tt.want {
			t.Errorf("loadArgs = %s; want %s", got, tt.want)
		}
	}
}

//go:build linux

package main

import (
	"strings"
	"testing"
)

// Everything that the command does, for a handful of connections.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), 20, 0, "", &out); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !strings.Contains(out.String(), "\n"+r.name+" ") {
			t.Errorf("the table lacks %q:\n%s", r.name, out.String())
		}
	}
}

func TestRun_oneRow(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), 3, 2, "^loop-tls$", &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if got := strings.Fields(lines[len(lines)-1]); len(lines) != 4 || got[0] != "loop-tls" || got[1] != "3" || got[2] != "2" {
		t.Errorf("want a head and a row of 3 connections with 2 messages each:\n%s", out.String())
	}
}

func TestRun_refused(t *testing.T) {
	if err := run(t.Context(), 1<<40, 0, "", new(strings.Builder)); err == nil || !strings.Contains(err.Error(), "descriptors") {
		t.Errorf("error %v; want one that tells of descriptors", err)
	}
	if err := run(t.Context(), 1, 0, "(", new(strings.Builder)); err == nil {
		t.Error("a pattern that is none was accepted")
	}
}

func TestRow_messages(t *testing.T) {
	for _, tt := range []struct {
		r           row
		asked, want int
	}{
		{row{}, 0, 1},
		{row{client: takeover}, 0, 40},
		{row{}, 7, 7},
		{row{client: takeover}, 1, 1},
	} {
		if got := tt.r.messages(tt.asked); got != tt.want {
			t.Errorf("messages(%d) with compression %v = %d; want %d", tt.asked, tt.r.client != nil, got, tt.want)
		}
	}
}

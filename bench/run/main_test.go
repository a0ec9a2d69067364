//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

func TestParse_refused(t *testing.T) {
	for _, args := range []string{"-rounds 0", "-scenario flood", "-server none", "more", "-nonsense"} {
		if _, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("parse(%s) succeeded", args)
		}
	}
}

// Everything that run does, with real servers in processes of their own, for moments.
func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "runs.json")
	o, err := parse(strings.Fields("-rounds 2 -scenario pipeline -server tcp,gorilla -warmup 10ms -duration 200ms -server-cpu -1 -load-cpu -1 -json "+file), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := compare(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\ntcp: go", "\ngorilla: github.com/gorilla/websocket v", "\npipeline: 100 connections, 64 in flight each, 128 bytes per message\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var order []string
	for dec := json.NewDecoder(f); ; {
		var r report.Run
		if err := dec.Decode(&r); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		order = append(order, r.Server)
		if r.Messages <= 0 || r.ServerCPU <= 0 || r.ServerWrites <= 0 {
			t.Errorf("a run without figures: %+v", r)
		}
	}
	if got := strings.Join(order, " "); got != "tcp gorilla gorilla tcp" {
		t.Errorf("runs in the order %s; want each server first once", got)
	}
}

//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
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
	var order []string
	for _, r := range readRuns(t, file) {
		order = append(order, r.Server)
		if r.Messages <= 0 || r.ServerCPU <= 0 || r.ServerWrites <= 0 {
			t.Errorf("a run without figures: %+v", r)
		}
	}
	if got := strings.Join(order, " "); got != "tcp gorilla gorilla tcp" {
		t.Errorf("runs in the order %s; want each server first once", got)
	}
}

// The event loop beside the least that one can cost, with ratios to the latter.
func TestCompare_loop(t *testing.T) {
	if _, err := exec.LookPath(program.Compiler); err != nil {
		t.Skipf("one of the servers is C, and there is no %s to build it: %v", program.Compiler, err)
	}
	o, err := parse(strings.Fields("-rounds 1 -scenario pingpong -server laminar-loop,epoll -base epoll -warmup 10ms -duration 200ms -server-cpu -1 -load-cpu -1"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := compare(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nlaminar-loop: github.com/laminar-ws/laminar at ", "\nepoll: cc", "ratio to epoll", "CPU µs/msg", "1.00 [1.00, 1.00]"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
}

func readRuns(t *testing.T, file string) (runs []report.Run) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for dec := json.NewDecoder(f); ; {
		var r report.Run
		if err := dec.Decode(&r); err == io.EOF {
			return runs
		} else if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
}

// Each server in the scenarios it can do, compressed as the scenario has it.
func TestCompare_compression(t *testing.T) {
	file := filepath.Join(t.TempDir(), "runs.json")
	o, err := parse(strings.Fields("-rounds 1 -scenario pipeline,deflate-message-100,deflate-takeover-100 -server laminar-dedicated,coder,gorilla "+
		"-warmup 10ms -duration 100ms -server-cpu -1 -load-cpu -1 -json "+file), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	o.scenarios[0].compression = wire.Takeover + 1 // none that a server could do
	var out bytes.Buffer
	if err := compare(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range readRuns(t, file) {
		got = append(got, r.Server+":"+r.Compression)
		if r.SentBytes <= 0 || r.ReceivedBytes <= 0 {
			t.Errorf("a run without bytes: %+v", r)
		}
	}
	if want := "gorilla:message coder:message laminar-dedicated:takeover coder:takeover"; strings.Join(got, " ") != want {
		t.Errorf("runs %v; want %s", got, want)
	}
	for _, want := range []string{"pipeline: none of the servers chosen can do it", "ratio to gorilla", "ratio to coder", "sent B/msg"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
}

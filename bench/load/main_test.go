//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func TestParse_modes(t *testing.T) {
	tests := []struct {
		args  string
		shape wire.Shape
		plain bool
	}{
		{"-addr 127.0.0.1:80", wire.Shape{Op: wire.Binary, Size: 128, Window: 64}, false},
		{"-addr 127.0.0.1:80 -mode pingpong -size 1024 -text", wire.Shape{Op: wire.Text, Size: 1024, Window: 1}, false},
		{"-addr 127.0.0.1:80 -mode pingpong -size 1024 -json-payload -compression takeover",
			wire.Shape{Op: wire.Text, JSON: true, Size: 1024, Window: 1, Compression: wire.Takeover}, false},
		{"-addr [::1]:80 -mode plain -inflight 2", wire.Shape{Op: wire.Binary, Size: 128, Window: 2, Unmasked: true}, true},
	}
	for _, tt := range tests {
		cfg, _, err := parse(strings.Fields(tt.args), io.Discard)
		if err != nil || cfg.Shape != tt.shape || cfg.Plain != tt.plain {
			t.Errorf("parse(%s) = %+v, %v; want shape %+v, plain %v", tt.args, cfg, err, tt.shape, tt.plain)
		}
	}
}

func TestParse_refused(t *testing.T) {
	for _, args := range []string{"", "-addr localhost:80", "-addr 127.0.0.1:80 -mode flood", "-addr 127.0.0.1:80 more", "-addr 127.0.0.1:80 -compression gzip", "-nonsense"} {
		if _, _, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("parse(%q) succeeded", args)
		}
	}
}

func TestWrite(t *testing.T) {
	r := report.Result{
		Conns: 1, InFlight: 1, Elapsed: time.Second, Messages: 1000, Total: 1200, ServerCPU: time.Second / 2, ServerWrites: 500,
		Compression: "message", ReceivedBytes: 300_500, SentBytes: 250_000,
		Latency: &report.Latency{P50: time.Millisecond},
	}
	var out bytes.Buffer
	if err := write(&out, r, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"messages/s            1000\n", "messages/server CPU s 2000\n", "500.000 µs\n", "2.00 per write\n", "300.5 bytes per message received by the server, 250.0 sent\n", "p50 1ms,"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	if err := write(&out, r, true); err != nil {
		t.Fatal(err)
	}
	var back report.Result
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Messages != r.Messages || *back.Latency != *r.Latency {
		t.Errorf("JSON %s comes back as %+v, error %v", out.String(), back, err)
	}
}

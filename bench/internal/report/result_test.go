package report

import (
	"encoding/json"
	"testing"
	"time"
)

func TestResult_figures(t *testing.T) {
	r := Result{
		Conns: 4, Elapsed: 2 * time.Second, Messages: 1000,
		ServerCPU: time.Second / 2, ServerReads: 100, ServerWrites: 250, LoadCPU: time.Second,
		ServerWaited: 10 * time.Millisecond, LoadWaited: 20 * time.Millisecond,
		ReceivedBytes: 300_000, SentBytes: 250_000,
		BaseMemory: 100, IdleMemory: 500, BusyMemory: 900,
	}
	for _, tt := range []struct {
		name      string
		got, want float64
	}{
		{"Rate", r.Rate(), 500},
		{"PerCPUSecond", r.PerCPUSecond(), 2000},
		{"CPUPerMessage", r.CPUPerMessage(), 500},
		{"PerWrite", r.PerWrite(), 4},
		{"PerRead", r.PerRead(), 10},
		{"ReceivedPerMessage", r.ReceivedPerMessage(), 300},
		{"SentPerMessage", r.SentPerMessage(), 250},
		{"IdlePerConn", r.IdlePerConn(), 100},
		{"BusyPerConn", r.BusyPerConn(), 200},
		{"ServerBusy", r.ServerBusy(), 0.25},
		{"LoadBusy", r.LoadBusy(), 0.5},
		{"Disturbed", r.Disturbed(), 0.01},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %v; want %v", tt.name, tt.got, tt.want)
		}
	}
	var zero Result
	if zero.Rate() != 0 || zero.PerCPUSecond() != 0 || zero.CPUPerMessage() != 0 || zero.IdlePerConn() != 0 {
		t.Error("a Result that measured nothing has figures other than 0")
	}
}

func TestResult_throughJSON(t *testing.T) {
	want := Run{Scenario: "s", Server: "l", Round: 3, Result: Result{Conns: 1, Messages: 2, ServerCPU: 3, IdleMemory: 4}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Run
	if err := json.Unmarshal(b, &got); err != nil || got != want {
		t.Errorf("%s comes back as %+v, error %v; want %+v", b, got, err, want)
	}
}

package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// run returns a run of one second that used half a second of CPU.
func run(scenario, server string, round int, messages int64) Run {
	return Run{Scenario: scenario, Server: server, Round: round, Result: Result{
		Conns: 10, Elapsed: time.Second, Messages: messages, ServerCPU: time.Second / 2, ServerReads: messages / 2, ServerWrites: messages / 4,
		BaseMemory: 1000, IdleMemory: 2000, BusyMemory: 5000, LoadCPU: time.Second / 4, LoadWaited: time.Second / 50,
	}}
}

func TestWriteTable(t *testing.T) {
	runs := []Run{
		run("p", "b", 1, 200), run("p", "a", 1, 1000),
		run("p", "a", 2, 4000), run("p", "b", 2, 400),
		run("p", "b", 3, 300), run("p", "a", 3, 2400),
		run("q", "a", 1, 7), run("p", "a", 4, 9999),
	}
	var out bytes.Buffer
	if err := WriteTable(&out, "p", "b", runs); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	want := [][]string{
		nil,
		strings.Fields("b 3 300 600 67% 1.00 [1.00, 1.00] 1666.667 2.0 4.0 100 400 50% 25% 2%"),
		strings.Fields("a 4 3200 6400 281% 8.00 [5.00, 10.00] 166.667 2.0 4.0 100 400 50% 25% 2%"),
	}
	if len(lines) != len(want) {
		t.Fatalf("table of %d lines; want %d:\n%s", len(lines), len(want), out.String())
	}
	for i := 1; i < len(want); i++ {
		if got := strings.Join(strings.Fields(lines[i]), " "); got != strings.Join(want[i], " ") {
			t.Errorf("line %d:\n got %s\nwant %s", i, got, strings.Join(want[i], " "))
		}
	}
}

func TestWriteTable_latency(t *testing.T) {
	r := run("p", "a", 1, 100)
	r.Latency = &Latency{P50: 1500 * time.Nanosecond, P99: 2 * time.Millisecond, P999: 3 * time.Millisecond, Max: time.Second}
	var out bytes.Buffer
	if err := WriteTable(&out, "p", "absent", []Run{r}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(strings.Fields(out.String()), " "); !strings.HasSuffix(got, "2µs 2ms 3ms 1s") {
		t.Errorf("table ends without the quantiles: %s", got)
	}
	if !strings.Contains(out.String(), " - ") {
		t.Errorf("a ratio to a server that did not run:\n%s", out.String())
	}
}

func TestWriteTable_compression(t *testing.T) {
	r := run("p", "a", 1, 100)
	r.Compression, r.ReceivedBytes, r.SentBytes = "takeover", 22_400, 21_640
	var out bytes.Buffer
	if err := WriteTable(&out, "p", "a", []Run{r}); err != nil {
		t.Fatal(err)
	}
	head, line, _ := strings.Cut(strings.TrimSpace(out.String()), "\n")
	if !strings.HasSuffix(strings.TrimSpace(head), "sent B/msg") || !strings.HasSuffix(strings.Join(strings.Fields(line), " "), " 224 216") {
		t.Errorf("table ends without the bytes per message:\n%s", out.String())
	}
	out.Reset()
	if err := WriteTable(&out, "p", "a", []Run{run("p", "a", 1, 100)}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "sent B/msg") {
		t.Errorf("bytes per message that were not counted:\n%s", out.String())
	}
}

func TestWriteTable_disturbed(t *testing.T) {
	bad := run("p", "a", 2, 100)
	bad.ServerWaited = time.Second / 5
	var out bytes.Buffer
	if err := WriteTable(&out, "p", "a", []Run{run("p", "a", 1, 100), bad}); err != nil {
		t.Fatal(err)
	}
	if want := "\n1 of 2 runs were disturbed for more than 10% of the time"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out.String())
	}
	out.Reset()
	if err := WriteTable(&out, "p", "a", []Run{run("p", "a", 1, 100)}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "were disturbed") {
		t.Errorf("a warning about a run in peace:\n%s", out.String())
	}
}

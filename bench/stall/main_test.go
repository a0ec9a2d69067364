//go:build linux

package main

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func TestParse_refused(t *testing.T) {
	for _, args := range []string{"-conns 0", "-rounds 0", "-duration 0s", "more", "-nonsense"} {
		if _, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("parse(%s) succeeded", args)
		}
	}
}

// Everything that the command does, for moments.
func TestRun(t *testing.T) {
	o, err := parse(strings.Fields("-conns 5 -rate 200 -rounds 1 -duration 200ms -server-cpu -1 -load-cpu -1"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), o, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`(?m)^ +no +\d\d +0 `, `(?m)^ +yes +\d\d +1 `, `^mode loop, 1 loops, 8 workers; 5 connections`} {
		if !regexp.MustCompile(want).MatchString(out.String()) {
			t.Errorf("output does not match %q:\n%s", want, out.String())
		}
	}
}

// A handler that does not sleep measures nothing, nor does one that answers something else.
func TestSleepOnce_refused(t *testing.T) {
	for _, answer := range []string{"\x81\x05sleep", "\x82\x05sleep", "\x81\x05awake", ""} {
		near, far := net.Pipe()
		go func() { // ends with the answer
			defer far.Close()
			far.Read(make([]byte, 64))
			io.WriteString(far, answer)
		}()
		if err := sleepOnce(near, new(wire.Assembler)); err == nil {
			t.Errorf("%q at once was accepted", answer)
		}
		near.Close()
	}
}

func TestWrite(t *testing.T) {
	ms := time.Millisecond
	alone := []figures{{100, 1 * ms, 2 * ms, 3 * ms, ms, 0}, {100, 1 * ms, 2 * ms, 9 * ms, ms, 0}, {100, 1 * ms, 2 * ms, 5 * ms, ms, 0}}
	beside := []figures{{90, 1 * ms, 4 * ms, 7 * ms, ms, 2}, {90, 1 * ms, 5 * ms, 8 * ms, 2 * ms, 3}}
	var out bytes.Buffer
	if err := write(&out, options{mode: "loop", loops: 1, workers: 8, conns: 100, rate: 1000, rounds: 3, duration: time.Second}, alone, beside); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range map[int]string{3: "no 300 0 1ms 2ms 5ms 3ms 9ms 1ms", 4: "yes 180 5 1ms 4.5ms 7.5ms 7ms 8ms 2ms"} {
		if got := strings.Join(strings.Fields(lines[i]), " "); got != want {
			t.Errorf("line %d: %s; want %s", i, got, want)
		}
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/internal/leaktest"
)

// TestMain is main itself where TestMain_flags asks for it. Else it fails the package when a test has left a goroutine behind.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv("LAMINAR_AUTOBAHN_ARGS"); ok {
		os.Args = append(os.Args[:1], strings.FieldsFunc(args, func(r rune) bool { return r == '\n' })...)
		flag.CommandLine = flag.NewFlagSet("client", flag.ExitOnError)
		main()
		os.Exit(0)
	}
	os.Exit(leaktest.Main(m))
}

// Every case is run once, in order, however the ones before it ended, and the reports are written in the end.
func TestRun(t *testing.T) {
	cases := []testCase{
		echoed(frame.Text, "", "hello", strings.Repeat("é", 1<<15)),
		echoed(frame.Binary, "\x00", strings.Repeat("\xff", 125), strings.Repeat("\xff", 126), strings.Repeat("\xff", 1<<16)),
		echoed(frame.Binary, strings.Repeat("16 bytes of data", 1<<20)),
		closed(closecode.NormalClosure, ""),
		closed(closecode.NoStatusReceived, ""),
		closed(4000, "a reason"),
		failed("a reserved opcode (RFC 6455 section 5.2)", "\x83\x00", closecode.ProtocolError),
		failed("text that is not UTF-8 (RFC 6455 section 8.1)", "\x81\x01\xff", closecode.InvalidPayload),
		lost(""),
		lost("\x81\x7e"),
		echoed(frame.Text, "still there"),
	}
	for mode := range echoes {
		t.Run(mode, func(t *testing.T) {
			f := newFake(t, cases)
			var log bytes.Buffer
			if err := run(t.Context(), f.settings(mode), &log); err != nil {
				t.Fatal(err)
			}
			for i, c := range cases {
				if got := f.results[i]; len(got) != 1 || got[0] != "ok" {
					t.Errorf("case %d, %s: got %q; want one ok", i+1, c.name, got)
				}
			}
			if f.reports != 1 {
				t.Errorf("reports were written %d times", f.reports)
			}
			lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
			if len(lines) != len(cases) || !strings.HasPrefix(lines[5], "case 6 of 11: ") || !strings.Contains(lines[5], "4000") {
				t.Errorf("the log is %q", lines)
			}
		})
	}
}

func TestRun_noCases(t *testing.T) {
	f := newFake(t, nil)
	if err := run(t.Context(), f.settings("read"), io.Discard); err != nil || f.reports != 1 {
		t.Errorf("got %v, %d reports; want one", err, f.reports)
	}
}

// What a server agrees to is used, for messages of every length, and asked for with or without context takeover.
func TestRun_compression(t *testing.T) {
	for mode := range echoes {
		for compression := range compressions {
			t.Run(mode+"/"+compression, func(t *testing.T) {
				f := newFake(t, []testCase{
					compressed(compression),
					echoed(frame.Text, "a", "", strings.Repeat("hello", 1<<15), "a"),
					echoed(frame.Binary, strings.Repeat("\x00", 1<<20), "\x00"),
				})
				s := f.settings(mode)
				s.compression = compression
				if err := run(t.Context(), s, io.Discard); err != nil {
					t.Fatal(err)
				}
				for i, got := range f.results {
					if len(got) != 1 || got[0] != "ok" {
						t.Errorf("case %d: got %q; want one ok", i+1, got)
					}
				}
			})
		}
	}
}

// A run that did not go through is an error, and so is what cannot be run.
func TestRun_errors(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	for _, tt := range []struct {
		name   string
		change func(*fake, *settings)
		says   string
	}{
		{"unknown mode", func(_ *fake, s *settings) { s.mode = "x" }, "-mode x: want"},
		{"unknown compression", func(_ *fake, s *settings) { s.compression = "x" }, "-compression x: want"},
		{"no URL", func(_ *fake, s *settings) { s.url = "" }, "/getCaseCount: websocket: dial"},
		{"no WebSocket", func(_ *fake, s *settings) { s.url = "ws" + strings.TrimPrefix(refusing.URL, "http") }, "/getCaseCount: websocket: dial"},
		{"count is no number", func(f *fake, _ *settings) { f.count = "many" }, `the number of cases is text "many"`},
		{"count is negative", func(f *fake, _ *settings) { f.count = "-1" }, `the number of cases is text "-1"`},
		{"count is over what there is", func(f *fake, _ *settings) { f.count = "2" }, "/runCase?case=2&agent=a+name+%26+more: websocket: dial"},
		{"reports are not written", func(f *fake, _ *settings) { f.broken = true }, "/updateReports: websocket: connection lost"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, []testCase{echoed(frame.Text, "hello")})
			s := f.settings("read")
			tt.change(f, &s)
			if err := run(t.Context(), s, io.Discard); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v; want an error about %q", err, tt.says)
			}
		})
	}
}

// An interrupt ends a run, wherever it is.
func TestRun_interrupted(t *testing.T) {
	for mode := range echoes {
		t.Run(mode, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			f := newFake(t, []testCase{echoed(frame.Text, "hello"), silent(interrupt)})
			err := run(ctx, f.settings(mode), io.Discard)
			if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "/runCase?case=2&") {
				t.Errorf("got %v; want the interrupt of case 2", err)
			}
		})
	}
}

// A connection that does not end is an error, after a time.
func TestFuzzer_timeout(t *testing.T) {
	for mode, serve := range echoes {
		t.Run(mode, func(t *testing.T) {
			fake := newFake(t, []testCase{silent(func() {})})
			f := fuzzer{url: fake.url, agent: agent, timeout: 50 * time.Millisecond}
			if _, err := f.run(t.Context(), 1, serve); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v; want %v", err, context.DeadlineExceeded)
			}
		})
	}
}

// The flags and the exit status, in a process of its own: this test program again, as main.
func TestMain_flags(t *testing.T) {
	f := newFake(t, []testCase{echoed(frame.Text, "hello"), failed("a reserved opcode", "\x83\x00", closecode.ProtocolError)})
	for _, tt := range []struct {
		args   []string
		status int
		says   string // on standard error
	}{
		{[]string{"-url", f.url, "-agent", agent}, 0, "case 2 of 2: "},
		{[]string{"-url", f.url + "/", "-agent", agent, "-mode", "read", "-compression", "off"}, 0, "case 2 of 2: "},
		{[]string{"-url", f.url, "-mode", "loop"}, 1, "autobahn client: -mode loop: want"},
		{[]string{"-url", f.url, "surplus"}, 2, "usage: "},
		{[]string{"-unknown"}, 2, "flag provided but not defined"},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), "LAMINAR_AUTOBAHN_ARGS="+strings.Join(tt.args, "\n"))
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Run()
		if status := cmd.ProcessState.ExitCode(); status != tt.status || !strings.Contains(stderr.String(), tt.says) || stdout.Len() > 0 {
			t.Errorf("%q: got status %d, %q, %q; want %d, %q", tt.args, status, &stdout, &stderr, tt.status, tt.says)
		}
	}
	if f.reports != 2 {
		t.Errorf("reports were written %d times; want 2", f.reports)
	}
}

//go:build linux

package program

import (
	"os"
	"path/filepath"
	"testing"
)

// script writes an executable shell script and returns its name.
func script(t *testing.T, body string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestStart_readsAddress(t *testing.T) {
	for _, line := range []string{"listening on 127.0.0.1:80", "listening on http://127.0.0.1:80"} {
		p, err := Start(t.Context(), -1, script(t, "echo '"+line+"'\nexec tail -f /dev/null\n"))
		if err != nil {
			t.Fatal(err)
		}
		if p.Addr != "127.0.0.1:80" {
			t.Errorf("%q: address %q; want 127.0.0.1:80", line, p.Addr)
		}
		if err := p.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		if p.cmd.ProcessState == nil {
			t.Error("the server was not waited for")
		}
	}
}

func TestStart_saysSomethingElse(t *testing.T) {
	for _, body := range []string{"echo 'address in use'\n", "exit 1\n"} {
		if p, err := Start(t.Context(), -1, script(t, body)); err == nil {
			t.Errorf("a server that only ran %q started at %q", body, p.Addr)
		}
	}
}

func TestStart_oneSchedulerThread(t *testing.T) {
	p, err := Start(t.Context(), -1, script(t, "echo listening on $GOMAXPROCS $1 $3\nexec tail -f /dev/null\n"), "more")
	if err != nil {
		t.Fatal(err)
	}
	if p.Addr != "1 -addr more" {
		t.Errorf("GOMAXPROCS, first and third argument are %q; want %q", p.Addr, "1 -addr more")
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

func TestStartParallel(t *testing.T) {
	t.Setenv("GOMAXPROCS", "7")
	p, err := StartParallel(t.Context(), script(t, "echo listening on $GOMAXPROCS $3\nexec tail -f /dev/null\n"), "more")
	if err != nil {
		t.Fatal(err)
	}
	if p.Addr != "7 more" {
		t.Errorf("GOMAXPROCS and the third argument are %q; want those given, %q", p.Addr, "7 more")
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

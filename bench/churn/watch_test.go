//go:build linux

package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/program"
)

// A descriptor more than there should be is an error, once the server had its time, and none once it is gone.
func TestSettle(t *testing.T) {
	dir := t.TempDir()
	if err := program.Build(t.Context(), dir, "server/tcp"); err != nil {
		t.Fatal(err)
	}
	p, err := program.Start(t.Context(), -1, filepath.Join(dir, "tcp"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	dial := func() net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", p.Addr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err != nil { // accepted, then
			t.Fatal(err)
		}
		return c
	}
	steady := dial()
	defer steady.Close()
	want, err := process.Descriptors(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	stays := dial()
	if err := settle(t.Context(), p, want, 100*time.Millisecond); err == nil || !strings.Contains(err.Error(), "descriptors after 100ms of rest") {
		t.Errorf("with a connection too many: %v; want an error that tells", err)
	}
	stays.Close()
	if err := settle(t.Context(), p, want, time.Minute); err != nil {
		t.Errorf("with the connections that should be there: %v", err)
	}
	steady.Close()
	if err := settle(t.Context(), p, want-1, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := settle(t.Context(), p, want, 100*time.Millisecond); err == nil {
		t.Error("with a connection too few: no error")
	}
}

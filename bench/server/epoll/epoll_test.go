//go:build linux

package main

import (
	"net/netip"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
)

func TestEcho(t *testing.T) {
	if _, err := exec.LookPath(program.Compiler); err != nil {
		t.Skipf("the server is C, and there is no %s to build it: %v", program.Compiler, err)
	}
	dir := t.TempDir()
	if err := program.Build(t.Context(), dir, "server/epoll"); err != nil {
		t.Fatal(err)
	}
	p, err := program.Start(t.Context(), -1, filepath.Join(dir, "epoll"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	echotest.Plain(t, netip.MustParseAddrPort(p.Addr))
}

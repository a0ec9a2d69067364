//go:build linux

package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestBuild(t *testing.T) {
	if _, err := exec.LookPath(Compiler); err != nil {
		t.Skipf("there is no %s: %v", Compiler, err)
	}
	dir := t.TempDir()
	if err := Build(t.Context(), dir, "server/tcp", "server/epoll", "server/tcp"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tcp", "epoll"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: %v, %v; want a program", name, info, err)
		}
	}
}

func TestBuild_noSuchDirectory(t *testing.T) {
	if err := Build(t.Context(), t.TempDir(), "server/none"); err == nil {
		t.Error("a directory that is none was built")
	}
}

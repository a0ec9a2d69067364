//go:build linux

package program

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Module is where the packages of the benchmark are.
const Module = "github.com/laminar-ws/laminar/bench"

// Compiler is what builds programs in C.
const Compiler = "cc"

// Build compiles the commands in the named directories of the module into dir, each once and under the last element of its name. A directory NAME
// that has a file NAME.c holds a command in C, which is that file alone.
func Build(ctx context.Context, dir string, names ...string) error {
	root, err := moduleDir(ctx)
	if err != nil {
		return err
	}
	var pkgs []string
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		source := filepath.Join(root, name, path.Base(name)+".c")
		if _, err := os.Stat(source); err != nil {
			pkgs = append(pkgs, path.Join(Module, name))
			continue
		}
		if err := run(ctx, Compiler, "-O2", "-Wall", "-o", filepath.Join(dir, path.Base(name)), source); err != nil {
			return fmt.Errorf("%s, which is C: %w", name, err)
		}
	}
	if len(pkgs) == 0 {
		return nil
	}
	return run(ctx, "go", slices.Concat([]string{"build", "-buildvcs=auto", "-o", dir + string(filepath.Separator)}, pkgs)...)
}

// moduleDir returns the directory of Module.
func moduleDir(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", Module)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// run runs a compiler; what it has to say goes to standard error.
func run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

//go:build linux

package main

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/internal/report"
)

// build compiles the load generator and the servers of cs into dir.
func build(ctx context.Context, dir string, cs []contender) error {
	names := []string{"load"}
	for _, c := range cs {
		names = append(names, "server/"+c.program)
	}
	return program.Build(ctx, dir, names...)
}

// version returns what the contender's program in dir was built from: its library and the version of that, for laminar its own commit, and
// what it was built with where it has none.
func (c contender) version(ctx context.Context, dir string) (string, error) {
	if c.c {
		out, err := exec.CommandContext(ctx, program.Compiler, "--version").Output()
		first, _, _ := strings.Cut(string(out), "\n")
		return first, err
	}
	info, err := buildinfo.ReadFile(filepath.Join(dir, c.program))
	if err != nil {
		return "", err
	}
	for _, m := range info.Deps {
		if m.Path != c.library {
			continue
		}
		if m.Replace == nil {
			return m.Path + " " + m.Version, nil
		}
		commit, changed := "an unknown commit", ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = " with changes"
			}
		}
		return m.Path + " at " + commit + changed, nil
	}
	return info.GoVersion, nil
}

// load runs the load generator on one core against p and returns what it measured.
func load(ctx context.Context, cpu int, file string, p *program.Process, args ...string) (r report.Result, err error) {
	cmd := program.Pinned(ctx, cpu, file,
		slices.Concat([]string{"-json", "-addr", p.Addr, "-pid", strconv.Itoa(p.PID())}, args)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("load: %w", err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("load: %w", err)
	}
	return r, nil
}

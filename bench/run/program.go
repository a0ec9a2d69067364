//go:build linux

package main

import (
	"context"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"

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

// version returns what the program at file was built from: the module named and its version, for laminar its own commit.
func version(file, module string) (string, error) {
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return "", err
	}
	for _, m := range info.Deps {
		if m.Path != module {
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

//go:build linux

package main

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

// build compiles the load generator and the servers of cs into dir.
func build(ctx context.Context, dir string, cs []contender) error {
	pkgs := []string{path.Join(module, "load")}
	for _, c := range cs {
		if pkg := path.Join(module, "server", c.program); !slices.Contains(pkgs, pkg) {
			pkgs = append(pkgs, pkg)
		}
	}
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-buildvcs=auto", "-o", dir + string(filepath.Separator)}, pkgs)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
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

// pinned returns the command that runs program on one core, or on any where cpu is negative.
func pinned(ctx context.Context, cpu int, program string, args ...string) *exec.Cmd {
	if cpu < 0 {
		return exec.CommandContext(ctx, program, args...)
	}
	return exec.CommandContext(ctx, "taskset", slices.Concat([]string{"-c", strconv.Itoa(cpu), program}, args)...)
}

// process is a server that runs.
type process struct {
	cmd  *exec.Cmd
	addr string
}

// start runs a server on one core with one scheduler thread and waits until it says where it listens. stop ends it, and
// so does the end of ctx.
func start(ctx context.Context, cpu int, program string, args ...string) (*process, error) {
	cmd := pinned(ctx, cpu, program, slices.Concat([]string{"-addr", "127.0.0.1:0"}, args)...)
	// taskset becomes the program, so that the process id is the server's.
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && err != io.EOF {
		return nil, errors.Join(err, p.stop())
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s said %q; want \"listening on ADDR\"", program, line), p.stop())
	}
	p.addr = strings.TrimPrefix(addr, "http://")
	return p, nil
}

// stop kills the server and waits until it is gone. That it died of being killed is no error.
func (p *process) stop() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := p.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}

// load runs the load generator on one core against p and returns what it measured.
func load(ctx context.Context, cpu int, program string, p *process, args ...string) (r report.Result, err error) {
	cmd := pinned(ctx, cpu, program,
		slices.Concat([]string{"-json", "-addr", p.addr, "-pid", strconv.Itoa(p.cmd.Process.Pid)}, args)...)
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

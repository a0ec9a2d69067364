//go:build linux

// Package program builds and runs the programs of this module: servers, each in a process of its own.
package program

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Pinned returns the command that runs program on one core, or on any where cpu is negative.
func Pinned(ctx context.Context, cpu int, program string, args ...string) *exec.Cmd {
	if cpu < 0 {
		return exec.CommandContext(ctx, program, args...)
	}
	return exec.CommandContext(ctx, "taskset", slices.Concat([]string{"-c", strconv.Itoa(cpu), program}, args)...)
}

// Process is a server that runs.
type Process struct {
	Addr string // where it listens, "host:port"

	cmd *exec.Cmd
}

// PID returns its process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Start runs a server on one core, or on any where cpu is negative, with one scheduler thread, and waits until it says where it
// listens. Stop ends it, and so does the end of ctx.
func Start(ctx context.Context, cpu int, program string, args ...string) (*Process, error) {
	return start(ctx, cpu, []string{"GOMAXPROCS=1"}, program, args...)
}

// StartParallel is Start with all cores, and as many scheduler threads.
func StartParallel(ctx context.Context, program string, args ...string) (*Process, error) {
	return start(ctx, -1, nil, program, args...)
}

func start(ctx context.Context, cpu int, env []string, program string, args ...string) (*Process, error) {
	cmd := Pinned(ctx, cpu, program, slices.Concat([]string{"-addr", "127.0.0.1:0"}, args)...)
	// taskset becomes the program, so that the process id is the server's.
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && err != io.EOF {
		return nil, errors.Join(err, p.Stop())
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		return nil, errors.Join(fmt.Errorf("%s said %q; want \"listening on ADDR\"", program, line), p.Stop())
	}
	p.Addr = strings.TrimPrefix(addr, "http://")
	return p, nil
}

// Stop kills the server and waits until it is gone. That it died of being killed is no error.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	err := p.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil
	}
	return err
}

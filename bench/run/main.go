//go:build linux

// Command run compares echo servers: every server of every scenario it can do several times, side by side in time, each in a fresh process on a
// core of its own, and prints a table of medians per scenario.
//
//	go run ./run [-rounds N] [-scenario NAMES] [-server NAMES] [-base NAMES] [-warmup D] [-duration D]
//	             [-server-cpu N] [-load-cpu N] [-json FILE]
//
// It is run inside the benchmark's module, which it builds the servers from. It needs taskset, unless both cores
// are given as -1, and 2 cores to itself for figures worth keeping. The exit status is 1 where any run failed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/internal/report"
)

// options are the command line.
type options struct {
	rounds             int
	scenarios          []scenario
	contenders         []contender
	base               string
	serverCPU, loadCPU int
	loadArgs           []string // beside those of the scenario
	json               string   // file name, or ""
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(2)
	}
	if err := compare(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.rounds, "rounds", 5, "runs of each server per scenario")
	scenarioNames := flags.String("scenario", "", "comma-separated `names`; all if empty")
	serverNames := flags.String("server", "", "comma-separated `names`; all if empty")
	flags.StringVar(&o.base, "base", "gorilla,coder", "the server that ratios are taken to: the first of these `names` that the scenario has")
	flags.IntVar(&o.serverCPU, "server-cpu", 0, "the core of the servers; -1 for any")
	flags.IntVar(&o.loadCPU, "load-cpu", 1, "the core of the load generator; -1 for any")
	warmup := flags.Duration("warmup", time.Second, "time before measuring")
	duration := flags.Duration("duration", 3*time.Second, "time to measure")
	flags.StringVar(&o.json, "json", "", "`file` that takes each run as a line of JSON")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("-rounds %d; want at least 1", o.rounds)
	}
	if o.scenarios, err = choose(scenarios, func(s scenario) string { return s.name }, *scenarioNames); err != nil {
		return o, fmt.Errorf("-scenario: %w", err)
	}
	if o.contenders, err = choose(contenders, func(c contender) string { return c.name }, *serverNames); err != nil {
		return o, fmt.Errorf("-server: %w", err)
	}
	o.loadArgs = []string{"-warmup", warmup.String(), "-duration", duration.String()}
	return o, nil
}

// compare builds and runs everything that o asks for and writes the tables to w. A run that fails is told on standard error and
// left out; the others go on.
func compare(ctx context.Context, o options, w io.Writer) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(ctx, dir, o.contenders); err != nil {
		return err
	}
	record := io.Discard
	if o.json != "" {
		f, err := os.Create(o.json)
		if err != nil {
			return err
		}
		defer f.Close()
		record = f
	}
	if err := introduce(ctx, w, dir, o.contenders); err != nil {
		return err
	}
	failed := 0
	for _, s := range o.scenarios {
		able := s.able(o.contenders)
		if len(able) == 0 {
			fmt.Fprintf(w, "\n%s: none of the servers chosen can do it\n", s.name)
			continue
		}
		runs, failures, err := rounds(ctx, o, dir, s, able, json.NewEncoder(record))
		if err != nil {
			return err
		}
		failed += failures
		fmt.Fprintf(w, "\n%s: %v\n\n", s.name, s)
		if err := report.WriteTable(w, s.name, base(o.base, able), runs); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d runs failed", failed)
	}
	return nil
}

// rounds measures each of cs in one scenario as often as o asks for, and counts the runs that failed.
func rounds(ctx context.Context, o options, dir string, s scenario, cs []contender, record *json.Encoder) (runs []report.Run, failed int, err error) {
	for round := range o.rounds {
		for _, c := range rotate(cs, round) {
			result, err := measure(ctx, o, dir, s, c)
			if ctx.Err() != nil {
				return nil, failed, ctx.Err()
			}
			if err != nil {
				fmt.Fprintf(os.Stderr, "run: %s, %s, round %d: %v\n", s.name, c.name, round+1, err)
				failed++
				continue
			}
			runs = append(runs, report.Run{Scenario: s.name, Server: c.name, Round: round + 1, Result: result})
			if err := record.Encode(runs[len(runs)-1]); err != nil {
				return nil, failed, err
			}
		}
	}
	return runs, failed, nil
}

// measure runs one server once.
func measure(ctx context.Context, o options, dir string, s scenario, c contender) (r report.Result, err error) {
	p, err := program.Start(ctx, o.serverCPU, filepath.Join(dir, c.program), strings.Fields(c.args[s.compression])...)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	return load(ctx, o.loadCPU, filepath.Join(dir, "load"), p, append(s.loadArgs(c), o.loadArgs...)...)
}

// introduce writes what is compared, and when.
func introduce(ctx context.Context, w io.Writer, dir string, cs []contender) error {
	fmt.Fprintf(w, "%s\n", time.Now().UTC().Format(time.DateTime+" MST"))
	for _, c := range cs {
		v, err := c.version(ctx, dir)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %s\n", c.name, v)
	}
	return nil
}

//go:build linux

// Command stall shows what one slow handler costs the connections that have nothing to do with it.
//
//	go run ./stall [-mode loop|events|nethttp] [-loops N] [-workers N] [-conns N] [-rate N] [-rounds N] [-duration D]
//	               [-server-cpu N] [-load-cpu N]
//
// The laminar server's handler sleeps a second before it echoes the text "sleep". One connection asks for nothing else, again and again, while others
// exchange messages at a modest rate, each of which is timed from when it leaves, whether those before it were answered or not. Each round does
// that once without the sleeper and once with it, with a fresh server each time.
//
// The exit status is 1 where a run failed, a message was lost, changed or answered on another connection, or the sleeper was not answered; 2 where the
// flags make no sense.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/program"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	opts, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "stall:", err)
		os.Exit(2)
	}
	if err := run(ctx, opts, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "stall:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	mode           string // of the server, and the next two
	loops, workers int
	serverCPU      int // -1: any
	loadCPU        int // -1: any

	conns, rate int           // those beside the sleeper, and their messages a second together
	rounds      int           // runs without and with the sleeper, each
	duration    time.Duration // of a run
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("stall", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.mode, "mode", "loop", "of the server: loop, events or nethttp")
	flags.IntVar(&o.loops, "loops", 1, "event loops in mode loop; -1: one per core")
	flags.IntVar(&o.workers, "workers", 8, "goroutines that run the handlers in mode loop; 0: the loops do")
	flags.IntVar(&o.conns, "conns", 100, "connections beside the one that asks for sleep")
	flags.IntVar(&o.rate, "rate", 1000, "messages a second on all of them together")
	flags.IntVar(&o.rounds, "rounds", 5, "runs without and with the sleeper, each")
	flags.DurationVar(&o.duration, "duration", 10*time.Second, "of a run")
	flags.IntVar(&o.serverCPU, "server-cpu", 0, "the core of the server; -1 for any")
	flags.IntVar(&o.loadCPU, "load-cpu", 1, "the core of this program; -1 for any")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.conns < 1 || o.rate < 1 || o.rounds < 1:
		return o, errors.New("-conns, -rate and -rounds have to be at least 1")
	case o.duration <= 0:
		return o, fmt.Errorf("-duration %v; want more than 0", o.duration)
	}
	return o, nil
}

// run does the rounds and writes the report to w.
func run(ctx context.Context, opts options, w io.Writer) error {
	dir, err := os.MkdirTemp("", "stall")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := program.Build(ctx, dir, "server/laminar"); err != nil {
		return err
	}
	var alone, beside []figures
	for round := range opts.rounds {
		for _, asleep := range []bool{false, true} {
			f, err := opts.measure(ctx, filepath.Join(dir, "laminar"), asleep)
			if err != nil {
				return fmt.Errorf("round %d, with the sleeper: %v: %w", round+1, asleep, err)
			}
			if asleep {
				beside = append(beside, f)
			} else {
				alone = append(alone, f)
			}
		}
	}
	return write(w, opts, alone, beside)
}

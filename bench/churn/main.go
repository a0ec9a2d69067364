//go:build linux

// Command churn asks whether a server that thousands of connections leave in every possible way still serves those that stay.
//
//	go run ./churn [-mode loop|events|nethttp|read] [-loops N] [-workers N] [-steady N] [-rate N] [-size BYTES]
//	               [-churn N] [-most N] [-stay D] [-duration D] [-sample D] [-rest D] [-server-cpu N] [-load-cpu N]
//
// It starts the laminar server and opens the steady connections, which echo messages at a modest rate. Each message carries the
// connection's number, its own and a checksum, and each echo is compared byte for byte. Meanwhile other connections come and go: in turn with a
// closing handshake, in the middle of a frame's header, of a payload and of the request, right after the request with nothing read, and with a reset. In the end they
// stop, and the server has to come back to the descriptors it had.
//
// Server and client need a descriptor per connection each: steady and most together have to stay below `ulimit -n`.
//
// The exit status is 1 where a message was lost, changed or answered on another connection, a connection that was to stay ended, one that came could not
// do what it came for, or descriptors stayed open; 2 where the flags make no sense.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/pace"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	opts, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "churn:", err)
		os.Exit(2)
	}
	if err := inTempDir(func(dir string) error { return run(ctx, opts, dir, os.Stdout) }); err != nil {
		fmt.Fprintln(os.Stderr, "churn:", err)
		os.Exit(1)
	}
}

func inTempDir(f func(dir string) error) error {
	dir, err := os.MkdirTemp("", "churn")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return f(dir)
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("churn", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.mode, "mode", "loop", "of the server: loop, events, nethttp or read")
	flags.IntVar(&o.loops, "loops", 1, "event loops in mode loop; -1: one per core")
	flags.IntVar(&o.workers, "workers", 0, "goroutines that run the handlers in mode loop; 0: the loops do")
	flags.IntVar(&o.steady, "steady", 18_000, "connections that stay")
	flags.IntVar(&o.rate, "rate", 2000, "messages a second on all of them together")
	flags.IntVar(&o.size, "size", 1024, "`bytes` of the longest message; the others have all lengths below")
	flags.IntVar(&o.churn, "churn", 500, "connections a second that come and go")
	flags.IntVar(&o.most, "most", 1000, "as many of them at once at most; more have to wait")
	flags.DurationVar(&o.stay, "stay", 500*time.Millisecond, "how long each of them stays at most")
	flags.DurationVar(&o.duration, "duration", 5*time.Minute, "how long it goes on")
	flags.DurationVar(&o.interval, "sample", 30*time.Second, "time between looks at the server")
	flags.DurationVar(&o.rest, "rest", 30*time.Second, "how long the server may take to close what was left")
	flags.IntVar(&o.serverCPU, "server-cpu", 0, "the core of the server, which then has one scheduler thread; -1 for all")
	flags.IntVar(&o.loadCPU, "load-cpu", 1, "the core of this program; -1 for any")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.check()
}

// others is how many descriptors a process needs besides those of the connections.
const others = 100

// check refuses what cannot run.
func (o options) check() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("the limit of descriptors: %w", err)
	}
	switch {
	case o.steady < 1 || o.rate < 1 || o.churn < 1 || o.most < 1:
		return errors.New("-steady, -rate, -churn and -most have to be at least 1")
	case o.size < pace.MinSize:
		return fmt.Errorf("-size %d; want at least %d", o.size, pace.MinSize)
	case o.duration <= 0 || o.interval <= 0 || o.stay < 0:
		return errors.New("-duration and -sample have to be more than 0, and -stay not less")
	case uint64(o.steady)+uint64(o.most)+others > limit.Max:
		return fmt.Errorf("-steady %d and -most %d; the limit of %d descriptors leaves room for %d together", o.steady, o.most, limit.Max, limit.Max-others)
	}
	return nil
}

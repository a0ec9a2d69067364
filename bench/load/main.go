//go:build linux

// Command load drives one echo server on this machine or another and prints what it measured.
//
//	load -addr HOST:PORT [-pid PID] [-mode pipeline|pingpong|plain] [-conns N] [-inflight K] [-size BYTES] [-text]
//	     [-json-payload] [-compression off|message|takeover] [-warmup D] [-duration D] [-loops N] [-json]
//
// In mode pipeline every connection keeps K messages in flight; in mode pingpong it has one, and round trips are
// timed; mode plain is pipeline against a server that echoes bytes and knows no WebSocket. The address
// is numeric. Without -pid there are no figures of the server's CPU, system calls and memory.
//
// With -compression the server has to agree on permessage-deflate, and echoes that are not compressed are wrong: message is without
// context takeover at either end, takeover with it at both. The messages sent are compressed before the clock starts.
//
// The exit status is 0 where every echo was right, else 1; 2 where the flags make no sense.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/generator"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// settle is how long opened connections are left alone before the server's memory is read.
const settle = 200 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	cfg, asJSON, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}
	// A loop that waits in the kernel keeps its share of the scheduler; the one more is for the goroutine with the clock.
	runtime.GOMAXPROCS(max(cfg.Loops, 1) + 1)
	result, err := generator.Run(ctx, cfg)
	if err == nil {
		err = write(os.Stdout, result, asJSON)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// parse reads the command line.
func parse(args []string, stderr io.Writer) (cfg generator.Config, asJSON bool, err error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "", "numeric `host:port` of the server")
	mode := flags.String("mode", "pipeline", "pipeline, pingpong or plain")
	text := flags.Bool("text", false, "send text messages, not binary ones")
	flags.BoolVar(&cfg.Shape.JSON, "json-payload", false, "send JSON documents, as text messages")
	flags.TextVar(&cfg.Shape.Compression, "compression", wire.Uncompressed, "off, message or takeover")
	flags.IntVar(&cfg.PID, "pid", 0, "the server's process `id`, if it runs here")
	flags.IntVar(&cfg.Conns, "conns", 100, "connections")
	flags.IntVar(&cfg.Shape.Window, "inflight", 64, "messages in flight per connection; 1 in mode pingpong")
	flags.IntVar(&cfg.Shape.Size, "size", 128, "payload `bytes` per message, uncompressed")
	flags.IntVar(&cfg.Loops, "loops", generator.DefaultLoops, "threads of the load generator")
	flags.DurationVar(&cfg.Warmup, "warmup", time.Second, "time before measuring")
	flags.DurationVar(&cfg.Measure, "duration", 3*time.Second, "time to measure")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object")
	if err := flags.Parse(args); err != nil {
		return cfg, false, err
	}
	if flags.NArg() > 0 {
		return cfg, false, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if cfg.Addr, err = netip.ParseAddrPort(*addr); err != nil {
		return cfg, false, fmt.Errorf("-addr: %w", err)
	}
	switch *mode {
	case "pipeline":
	case "pingpong":
		cfg.Shape.Window = 1
	case "plain":
		cfg.Plain, cfg.Shape.Unmasked = true, true
	default:
		return cfg, false, fmt.Errorf("-mode %q; want pipeline, pingpong or plain", *mode)
	}
	cfg.Shape.Op = wire.Binary
	if *text || cfg.Shape.JSON {
		cfg.Shape.Op = wire.Text
	}
	cfg.Settle = settle
	return cfg, asJSON, nil
}

// write prints r as one line of JSON, or a figure a line.
func write(w io.Writer, r report.Result, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	lines := fmt.Sprintf("connections           %d, %d in flight each, %d bytes per message\n", r.Conns, r.InFlight, r.Size) +
		fmt.Sprintf("measured              %d messages in %v (%d with the warm-up)\n", r.Messages, r.Elapsed.Round(time.Millisecond), r.Total) +
		fmt.Sprintf("messages/s            %.0f\n", r.Rate()) +
		fmt.Sprintf("load generator        %.0f%% of a core\n", 100*r.LoadBusy()) +
		fmt.Sprintf("disturbed             %.1f%% of the time\n", 100*r.Disturbed())
	if r.ServerCPU > 0 {
		lines += fmt.Sprintf("messages/server CPU s %.0f\n", r.PerCPUSecond()) +
			fmt.Sprintf("server CPU/message    %.3f µs\n", r.CPUPerMessage()) +
			fmt.Sprintf("server                %.0f%% of a core: user %v, system %v\n", 100*r.ServerBusy(), r.ServerUser, r.ServerSystem) +
			fmt.Sprintf("server calls          %.2f messages per read, %.2f per write\n", r.PerRead(), r.PerWrite()) +
			fmt.Sprintf("server memory         %d KiB before, per connection %.0f bytes idle, %.0f busy\n",
				r.BaseMemory>>10, r.IdlePerConn(), r.BusyPerConn())
	}
	if r.Compression != "" {
		lines += fmt.Sprintf("payload               %.1f bytes per message received by the server, %.1f sent\n", r.ReceivedPerMessage(), r.SentPerMessage())
	}
	if l := r.Latency; l != nil {
		lines += fmt.Sprintf("round trip            p50 %v, p90 %v, p99 %v, p99.9 %v, max %v\n", l.P50, l.P90, l.P99, l.P999, l.Max)
	}
	_, err := io.WriteString(w, lines)
	return err
}

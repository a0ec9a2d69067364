// Command client is an echo client for the Autobahn testsuite as a fuzzing server. It asks for the number of cases, runs one after another and
// has the reports written. How well a case went is for the reports to say; the exit status is 0 when the run went through, else 1.
//
//	wstest -m fuzzingserver &
//	go run ./test/autobahn/client -url ws://127.0.0.1:9001 -agent laminar
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
)

// maxMessage leaves room above the suite's longest message, which has 16 MiB.
const maxMessage = 64 << 20

func main() {
	var s settings
	flag.StringVar(&s.url, "url", "ws://127.0.0.1:9001", "the fuzzing server's `URL`")
	flag.StringVar(&s.agent, "agent", "laminar", "this client's `name` in the reports")
	flag.StringVar(&s.mode, "mode", "events", "how connections are read: read, events")
	flag.StringVar(&s.compression, "compression", "off", "permessage-deflate: off, message (without context takeover), takeover; every message is compressed")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: client [flags]")
		flag.PrintDefaults()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "autobahn client:", err)
		os.Exit(1)
	}
}

type settings struct{ url, agent, mode, compression string }

// compressions are what -compression means.
var compressions = map[string]*deflate.Options{
	"off":      nil,
	"message":  {Threshold: 1},
	"takeover": {Threshold: 1, ContextTakeover: true},
}

// run runs all cases and tells log of each.
func run(ctx context.Context, s settings, log io.Writer) error {
	serve, ok := echoes[s.mode]
	if !ok {
		return fmt.Errorf("-mode %s: want read or events", s.mode)
	}
	compression, ok := compressions[s.compression]
	if !ok {
		return fmt.Errorf("-compression %s: want off, message or takeover", s.compression)
	}
	f := fuzzer{
		url:   s.url,
		agent: s.agent,
		options: client.Options{
			Compression:      compression,
			HandshakeTimeout: -1, // talk has a bound
			Conn:             conn.Options{MaxMessage: maxMessage},
		},
		timeout: caseTimeout,
	}
	n, err := f.cases(ctx)
	if err != nil {
		return err
	}
	for i := 1; i <= n; i++ {
		end, err := f.run(ctx, i, serve)
		if err != nil {
			return err
		}
		fmt.Fprintf(log, "case %d of %d: %v\n", i, n, end)
	}
	return f.report(ctx)
}

//go:build linux

// Command memory tells how many bytes a server holds per idle connection: with a goroutine per connection and with an event loop, each with and
// without TLS, and with each way to compress.
//
//	go run ./memory [-conns N] [-messages N] [-row REGEXP]
//
// For each row of its table it starts the laminar server in a process of its own, opens the connections, has every one echo the messages, JSON
// documents of 1 KiB, one after the other, and asks the server what it holds when nothing is under way any more: what is resident, by the kernel's
// account, and of that the objects and the goroutines' stacks, by the Go runtime's; each less what it was before. Each process needs a descriptor
// per connection.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/certificate"
	"github.com/laminar-ws/laminar/bench/internal/program"
)

func main() {
	conns := flag.Int("conns", 10000, "connections")
	messages := flag.Int("messages", 0, "messages per connection; 0: one, or 40 with compression, which fill windows of 15 bits")
	row := flag.String("row", "", "measure the rows whose names match this `regexp`, such as '^(events|loop)'")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *conns, *messages, *row, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

// run measures every row that matches pattern and writes a table to w.
func run(ctx context.Context, conns, messages int, pattern string, w io.Writer) error {
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("-row: %w", err)
	}
	if err := enoughDescriptors(conns); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "memory")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := program.Build(ctx, dir, "server/laminar"); err != nil {
		return err
	}
	pair, err := certificate.Write(dir)
	if err != nil {
		return err
	}
	m := measurer{server: filepath.Join(dir, "laminar"), pair: pair}
	fmt.Fprintf(w, "bytes per connection\n\n%-12s %11s %8s %9s %9s %9s\n", "row", "connections", "messages", "resident", "heap", "stack")
	for _, r := range rows {
		if !wanted.MatchString(r.name) {
			continue
		}
		n, k := r.conns(conns), r.messages(messages)
		held, err := m.measure(ctx, r, n, k)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Fprintf(w, "%-12s %11d %8d %9d %9d %9d\n", r.name, n, k, held.Resident, held.Heap, held.Stack)
	}
	return nil
}

// enoughDescriptors fails where this process, and the server with it, may not open as many as n connections need. Go's runtime
// has raised the limit as far as it may.
func enoughDescriptors(n int) error {
	const others = 100
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("the limit of descriptors: %w", err)
	}
	if uint64(n)+others > limit.Max {
		return fmt.Errorf("%d connections; the limit of %d descriptors leaves room for %d", n, limit.Max, limit.Max-others)
	}
	return nil
}

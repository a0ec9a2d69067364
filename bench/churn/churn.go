//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/pace"
	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/program"
)

// options are the command line.
type options struct {
	mode           string // of the server, and the next two
	loops, workers int
	serverCPU      int // -1: all
	loadCPU        int // -1: any

	steady, rate, size int           // connections that stay; messages a second on them; bytes of the longest
	churn, most        int           // connections a second that come and go; at most at once
	stay               time.Duration // of those, at most
	duration, interval time.Duration // of all; between samples
	rest               time.Duration // how long the server may take to be rid of the last of them
}

// outcome is what the report tells.
type outcome struct {
	took    time.Duration
	steady  *pace.Result
	visits  *visits
	samples []sample // at the start, while it lasted, and at the end
	rest    error    // why the server's descriptors are not what they were, nil if they are
}

// err returns what makes the run a failure.
func (o outcome) err() error { return errors.Join(o.steady.Err(), o.visits.err(), o.rest) }

// run builds and starts the server in dir, does everything that opts ask for and writes the report to w. It fails where anything was lost or
// crossed, a visit failed, or descriptors stayed behind.
func run(ctx context.Context, opts options, dir string, w io.Writer) (err error) {
	if err := program.Build(ctx, dir, "server/laminar"); err != nil {
		return err
	}
	p, err := opts.start(ctx, filepath.Join(dir, "laminar"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	if opts.loadCPU >= 0 {
		if err := process.Pin(opts.loadCPU); err != nil {
			return err
		}
	}
	o, err := opts.measure(ctx, p)
	if err != nil {
		return err
	}
	if err := o.write(w, opts); err != nil {
		return err
	}
	return o.err()
}

func (opts options) start(ctx context.Context, file string) (*program.Process, error) {
	args := []string{"-mode", opts.mode, "-loops", strconv.Itoa(opts.loops), "-workers", strconv.Itoa(opts.workers)}
	if opts.serverCPU < 0 {
		return program.StartParallel(ctx, file, args...)
	}
	return program.Start(ctx, opts.serverCPU, file, args...)
}

// measure runs the steady connections, the visits and the samples side by side.
func (opts options) measure(ctx context.Context, p *program.Process) (o outcome, err error) {
	addr, err := netip.ParseAddrPort(p.Addr)
	if err != nil {
		return o, err
	}
	want, err := opts.descriptors(ctx, p, addr)
	if err != nil {
		return o, err
	}
	client, err := pace.Open(ctx, pace.Config{Addr: addr, Conns: opts.steady, Rate: opts.rate, Size: opts.size})
	if err != nil {
		return o, err
	}
	defer client.Close()
	if err := settle(ctx, p, want, opts.rest); err != nil {
		return o, err
	}
	start, err := take(ctx, p, "start", true)
	if err != nil {
		return o, err
	}

	began := time.Now()
	lasts, cancel := context.WithTimeout(ctx, opts.duration)
	defer cancel()
	o.visits = newVisits(addr, opts.churn, opts.most, opts.stay)
	visited := make(chan struct{})
	go func() { // ends soon after lasts
		defer close(visited)
		o.visits.run(lasts)
	}()
	var during []sample
	var watchErr error
	watched := make(chan struct{})
	go func() { // ends with lasts
		defer close(watched)
		during, watchErr = watch(lasts, p, opts.interval)
	}()
	// The steady ones go on while the last visits end.
	busy, stop := context.WithCancel(ctx)
	defer stop()
	go func() { // ends with the last visit
		<-visited
		stop()
	}()
	var paceErr error
	o.steady, paceErr = client.Run(busy)
	cancel() // for the others, where that ended early
	<-visited
	<-watched
	o.took = time.Since(began)
	if err := errors.Join(ctx.Err(), paceErr, watchErr); err != nil {
		return o, err
	}
	o.rest = settle(ctx, p, want, opts.rest)
	end, err := take(ctx, p, "end", true)
	o.samples = slices.Concat([]sample{start}, during, []sample{end})
	return o, err
}

// descriptors returns how many the server will have with the steady connections alone. It makes one visit and one request first, so that what the
// server opens once is open.
func (opts options) descriptors(ctx context.Context, p *program.Process, addr netip.AddrPort) (int, error) {
	before, err := process.Descriptors(p.PID())
	if err != nil {
		return 0, err
	}
	if err := clean(ctx, visit{addr: addr, from: netip.AddrFrom4([4]byte{127, 0, 0, 1}), stay: func() {}}); err != nil {
		return 0, err
	}
	if _, err := take(ctx, p, "", true); err != nil {
		return 0, err
	}
	// The two connections may still be closing, and what was opened once shows only when they are gone.
	const quiet = 200 * time.Millisecond
	for n := before; ; {
		wait(ctx, quiet)
		now, err := process.Descriptors(p.PID())
		if err != nil || now == n {
			return now + opts.steady, errors.Join(err, ctx.Err())
		}
		n = now
	}
}

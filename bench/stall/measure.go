//go:build linux

package main

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/pace"
	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/program"
)

// size is the longest message of those beside the sleeper, in bytes.
const size = 256

// figures are those of one run.
type figures struct {
	messages      int64
	p50, p99, max time.Duration // of the connections beside the sleeper
	late          time.Duration // how far this program fell behind its schedule
	sleeps        int           // that were answered
}

// measure starts a server and keeps its connections busy, beside a sleeper or not.
func (o options) measure(ctx context.Context, server string, asleep bool) (f figures, err error) {
	p, err := program.Start(ctx, o.serverCPU, server,
		"-mode", o.mode, "-loops", strconv.Itoa(o.loops), "-workers", strconv.Itoa(o.workers), "-sleepy")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	if o.loadCPU >= 0 {
		if err := process.Pin(o.loadCPU); err != nil {
			return f, err
		}
	}
	addr, err := netip.ParseAddrPort(p.Addr)
	if err != nil {
		return f, err
	}
	client, err := pace.Open(ctx, pace.Config{Addr: addr, Conns: o.conns, Rate: o.rate, Size: size})
	if err != nil {
		return f, err
	}
	defer client.Close()
	lasts, cancel := context.WithTimeout(ctx, o.duration)
	defer cancel()
	var sleepErr error
	slept := make(chan struct{})
	go func() { // ends soon after lasts
		defer close(slept)
		if asleep {
			f.sleeps, sleepErr = sleepAgain(lasts, addr)
		}
	}()
	r, err := client.Run(lasts)
	cancel()
	<-slept
	if err = errors.Join(ctx.Err(), err, r.Err(), sleepErr); err != nil {
		return f, err
	}
	f.messages, f.late = r.Echoed, r.Late
	f.p50, f.p99, f.max = r.Latency.Quantile(0.5), r.Latency.Quantile(0.99), r.Latency.Max()
	return f, nil
}

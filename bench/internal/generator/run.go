//go:build linux

package generator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/latency"
	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// Run opens the connections, keeps their windows full through the warm-up and the measured time, and returns what it
// measured. It fails where the server refuses, ends or stalls a connection, or echoes anything but what was sent; and
// when ctx ends. It leaves neither goroutines nor descriptors behind.
func Run(ctx context.Context, cfg Config) (report.Result, error) {
	cfg, err := cfg.check()
	if err != nil {
		return report.Result{}, err
	}
	ring, err := wire.NewRing(cfg.Shape)
	if err != nil {
		return report.Result{}, err
	}
	r := report.Result{Conns: cfg.Conns, InFlight: cfg.Shape.Window, Size: cfg.Shape.Size}
	if cfg.PID != 0 {
		// One connection first: code and tables that the server touches once would otherwise count as the
		// memory of its connections.
		if err := prime(ctx, cfg, ring); err != nil {
			return report.Result{}, err
		}
		if r.BaseMemory, err = process.Resident(cfg.PID); err != nil {
			return report.Result{}, err
		}
	}
	var phase atomic.Int32
	loops, err := connect(ctx, cfg, ring, &phase)
	if err != nil {
		return report.Result{}, err
	}
	defer func() {
		for _, l := range loops {
			l.close()
		}
	}()
	if cfg.PID != 0 {
		if err := pause(ctx, cfg.Settle, nil); err != nil {
			return report.Result{}, err
		}
		if r.IdleMemory, err = process.Resident(cfg.PID); err != nil {
			return report.Result{}, err
		}
	}
	return r, drive(ctx, cfg, loops, &phase, &r)
}

// prime exchanges one window over one connection and closes it.
func prime(ctx context.Context, cfg Config, ring *wire.Ring) error {
	cfg.Conns, cfg.Loops = 1, 1
	var phase atomic.Int32
	loops, err := connect(ctx, cfg, ring, &phase)
	if err != nil {
		return err
	}
	defer loops[0].close()
	return loops[0].run(int64(cfg.Shape.Window))
}

// connect opens the connections, one after the other, and deals them out to the loops.
func connect(ctx context.Context, cfg Config, ring *wire.Ring, phase *atomic.Int32) (loops []*loop, err error) {
	var fds []int // not yet owned by a loop
	defer func() {
		if err == nil {
			return
		}
		for _, fd := range fds {
			unix.Close(fd)
		}
		for _, l := range loops {
			l.close()
		}
	}()
	for i := range cfg.Loops {
		first, end := i*cfg.Conns/cfg.Loops, (i+1)*cfg.Conns/cfg.Loops
		for range end - first {
			fd, err := dial(ctx, cfg.Addr, cfg.Plain)
			if err != nil {
				return loops, err
			}
			fds = append(fds, fd)
		}
		l, err := newLoop(cfg, ring, first, fds, phase)
		if err != nil {
			return loops, err
		}
		loops, fds = append(loops, l), nil
	}
	return loops, nil
}

// drive runs the loops through all phases and completes r.
func drive(ctx context.Context, cfg Config, loops []*loop, phase *atomic.Int32, r *report.Result) error {
	ended := make(chan error, len(loops))
	for _, l := range loops {
		go func() { ended <- l.run(0) }() // ends with phase done, below, which waits for it; or earlier with an error
	}
	running := len(loops)
	err := func() error {
		if err := pause(ctx, cfg.Warmup, ended); err != nil {
			return err
		}
		before, err := look(cfg.PID, loops)
		if err != nil {
			return err
		}
		phase.Store(measuring)
		if err := pause(ctx, cfg.Measure, ended); err != nil {
			return err
		}
		after, err := look(cfg.PID, loops)
		if err != nil {
			return err
		}
		if cfg.PID != 0 {
			if r.BusyMemory, err = process.Resident(cfg.PID); err != nil {
				return err
			}
		}
		complete(r, before, after)
		return nil
	}()
	phase.Store(done)
	if _, ok := errors.AsType[loopError](err); ok {
		running--
	}
	for range running {
		err = errors.Join(err, <-ended)
	}
	if err != nil {
		return err
	}
	var hist latency.Histogram
	silent := 0
	for _, l := range loops {
		hist.Merge(&l.hist)
		silent += l.silent()
		r.Total += l.messages.Load()
	}
	if silent > 0 {
		return fmt.Errorf("generator: %d of %d connections echoed nothing", silent, cfg.Conns)
	}
	if cfg.Shape.Window == 1 {
		r.Latency = &report.Latency{
			P50:  hist.Quantile(0.5),
			P90:  hist.Quantile(0.9),
			P99:  hist.Quantile(0.99),
			P999: hist.Quantile(0.999),
			Max:  hist.Max(),
		}
	}
	return nil
}

// loopError is the error with which a loop ended before its time.
type loopError struct{ error }

func (e loopError) Unwrap() error { return e.error }

// pause waits for d, and fails earlier if ctx ends or a loop does.
func pause(ctx context.Context, d time.Duration, ended <-chan error) error {
	timer := time.NewTimer(max(d, 0))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("generator: %w", context.Cause(ctx))
	case err := <-ended:
		return loopError{err}
	}
}

// moment is what the counters stood at.
type moment struct {
	at           time.Time
	messages     int64
	server, load process.Usage
}

// look reads the counters one after the other, in well under a millisecond. The order is the same every time, so that the delay of each
// between two looks cancels out.
func look(pid int, loops []*loop) (m moment, err error) {
	for _, l := range loops {
		m.messages += l.messages.Load()
	}
	m.at = time.Now()
	if pid != 0 {
		if m.server, err = process.Of(pid); err != nil {
			return m, err
		}
	}
	m.load, err = process.Of(os.Getpid())
	return m, err
}

func complete(r *report.Result, before, after moment) {
	r.Elapsed = after.at.Sub(before.at)
	r.Messages = after.messages - before.messages
	server, load := after.server.Sub(before.server), after.load.Sub(before.load)
	r.ServerCPU, r.ServerUser, r.ServerSystem = server.CPU, server.User, server.System
	r.ServerWaited, r.ServerReads, r.ServerWrites = server.Waited, server.ReadCalls, server.WriteCalls
	r.LoadCPU, r.LoadWaited = load.CPU, load.Waited
}

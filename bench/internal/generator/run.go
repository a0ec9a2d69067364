//go:build linux

package generator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/latency"
	"github.com/laminar-ws/laminar/bench/internal/opening"
	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// Run opens the connections, keeps their windows full through the warm-up and the measured time, and returns what it
// measured. Before each look at the server it waits until every echo has come, so that the messages counted are exactly
// those that the server worked for: a window's worth of each connection in the sockets would otherwise be counted too many or
// too few, and on a machine that is short of time that can be more than all the rest. It fails where the server refuses, ends or stalls a connection, or echoes anything but what was sent; and
// when ctx ends. It leaves neither goroutines nor descriptors behind.
func Run(ctx context.Context, cfg Config) (report.Result, error) {
	cfg, err := cfg.check()
	if err != nil {
		return report.Result{}, err
	}
	if cfg.Shape.Compression != wire.Uncompressed {
		if cfg, err = negotiate(ctx, cfg); err != nil {
			return report.Result{}, err
		}
	}
	ring, err := wire.NewRing(cfg.Shape)
	if err != nil {
		return report.Result{}, err
	}
	r := report.Result{Conns: cfg.Conns, InFlight: cfg.Shape.Window, Size: cfg.Shape.Size}
	if cfg.Shape.Compression != wire.Uncompressed {
		r.Compression = cfg.Shape.Compression.String()
	}
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
	var order atomic.Int32
	loops, err := connect(ctx, cfg, ring, &order)
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
	if err := drive(ctx, cfg, loops, &order, &r); err != nil {
		return report.Result{}, err
	}
	return r, nil
}

// negotiate opens a connection and closes it, to learn what windows the server wants, and returns cfg with them.
func negotiate(ctx context.Context, cfg Config) (Config, error) {
	tc, a, err := opening.WebSocket(ctx, cfg.Addr, netip.Addr{}, cfg.Shape.Compression)
	if err != nil {
		return cfg, fmt.Errorf("generator: %w", err)
	}
	tc.Close()
	cfg.Shape.ClientMaxWindowBits, cfg.Shape.ServerMaxWindowBits = a.ClientMaxWindowBits, a.ServerMaxWindowBits
	return cfg, nil
}

// prime exchanges one window over one connection and closes it.
func prime(ctx context.Context, cfg Config, ring *wire.Ring) error {
	cfg.Conns, cfg.Loops = 1, 1
	var order atomic.Int32
	order.Store(drain)
	loops, err := connect(ctx, cfg, ring, &order)
	if err != nil {
		return err
	}
	defer loops[0].close()
	return loops[0].run()
}

// connect opens the connections, one after the other, and deals them out to the loops.
func connect(ctx context.Context, cfg Config, ring *wire.Ring, order *atomic.Int32) (loops []*loop, err error) {
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
			fd, a, err := dial(ctx, cfg)
			if err != nil {
				return loops, err
			}
			fds = append(fds, fd)
			if want := (opening.Agreement{ClientMaxWindowBits: cfg.Shape.ClientMaxWindowBits, ServerMaxWindowBits: cfg.Shape.ServerMaxWindowBits}); a != want {
				return loops, fmt.Errorf("generator: the server agreed on windows of %d and %d bits; want %d and %d as before",
					a.ClientMaxWindowBits, a.ServerMaxWindowBits, want.ClientMaxWindowBits, want.ServerMaxWindowBits)
			}
		}
		l, err := newLoop(cfg, ring, first, fds, order)
		if err != nil {
			return loops, err
		}
		loops, fds = append(loops, l), nil
	}
	return loops, nil
}

// dial opens one connection to cfg.Addr, with its opening handshake unless cfg.Plain, and returns its non-blocking descriptor, which the
// caller closes, and what was agreed on its compression.
func dial(ctx context.Context, cfg Config) (fd int, a opening.Agreement, err error) {
	var tc *net.TCPConn
	if cfg.Plain {
		tc, err = opening.Dial(ctx, cfg.Addr, netip.Addr{})
	} else {
		tc, a, err = opening.WebSocket(ctx, cfg.Addr, netip.Addr{}, cfg.Shape.Compression)
	}
	if err != nil {
		return -1, a, fmt.Errorf("generator: %w", err)
	}
	fd, err = opening.Detach(tc)
	return fd, a, err
}

// drive runs the warm-up and the measured time, and completes r. The warm-up is repeated until no connection is running up.
func drive(ctx context.Context, cfg Config, loops []*loop, order *atomic.Int32, r *report.Result) error {
	for again := cfg.Warmup > 0; again; again = runningUp(loops) {
		if err := stage(ctx, cfg.Warmup, loops, order, nil); err != nil {
			return err
		}
	}
	if cfg.Shape.Window == 1 {
		for _, l := range loops {
			l.hist = new(latency.Histogram)
		}
	}
	before, err := look(cfg.PID, loops)
	if err != nil {
		return err
	}
	began := time.Now()
	err = stage(ctx, cfg.Measure, loops, order, func() (err error) {
		if cfg.PID != 0 {
			r.BusyMemory, err = process.Resident(cfg.PID)
		}
		return err
	})
	r.Elapsed = time.Since(began)
	if err != nil {
		return err
	}
	after, err := look(cfg.PID, loops)
	if err != nil {
		return err
	}
	complete(r, before, after)
	if cfg.Shape.Window == 1 {
		r.Latency = quantiles(loops)
	}
	return nil
}

// runningUp reports whether any connection is; each stage brings all of them at least a window of messages further.
func runningUp(loops []*loop) bool {
	return slices.ContainsFunc(loops, func(l *loop) bool {
		return slices.ContainsFunc(l.conns, func(c conn) bool { return c.sender.RunningUp() })
	})
}

// stage runs the loops for d, calls underLoad, if it is not nil, while they still run, and waits until every echo has come.
func stage(ctx context.Context, d time.Duration, loops []*loop, order *atomic.Int32, underLoad func() error) error {
	order.Store(fill)
	ended := make(chan error, len(loops))
	for _, l := range loops {
		go func() { ended <- l.run() }() // ends by the order below, or earlier with an error; awaited below
	}
	running := len(loops)
	err := pause(ctx, d, ended)
	if _, ok := errors.AsType[loopError](err); ok {
		running--
	}
	if err == nil && underLoad != nil {
		err = underLoad()
	}
	if err == nil {
		order.Store(drain)
	} else {
		order.Store(abort)
	}
	for range running {
		if e := <-ended; e != nil {
			order.Store(abort)
			err = errors.Join(err, e)
		}
	}
	return err
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
	messages       int64
	received, sent int64 // bytes of payload that the server received and sent, if they are compressed
	server, load   process.Usage
}

// look reads the counters while the loops are not running.
func look(pid int, loops []*loop) (m moment, err error) {
	for _, l := range loops {
		m.messages += l.messages
		received, sent := l.payloadBytes()
		m.received, m.sent = m.received+received, m.sent+sent
	}
	if pid != 0 {
		if m.server, err = process.Of(pid); err != nil {
			return m, err
		}
	}
	m.load, err = process.Of(os.Getpid())
	return m, err
}

func complete(r *report.Result, before, after moment) {
	r.Messages, r.Total = after.messages-before.messages, after.messages
	r.ReceivedBytes, r.SentBytes = after.received-before.received, after.sent-before.sent
	server, load := after.server.Sub(before.server), after.load.Sub(before.load)
	r.ServerCPU, r.ServerUser, r.ServerSystem = server.CPU, server.User, server.System
	r.ServerWaited, r.ServerReads, r.ServerWrites = server.Waited, server.ReadCalls, server.WriteCalls
	r.LoadCPU, r.LoadWaited = load.CPU, load.Waited
}

// quantiles returns those of the round trips that all loops timed.
func quantiles(loops []*loop) *report.Latency {
	var h latency.Histogram
	for _, l := range loops {
		h.Merge(l.hist)
	}
	return &report.Latency{
		P50:  h.Quantile(0.5),
		P90:  h.Quantile(0.9),
		P99:  h.Quantile(0.99),
		P999: h.Quantile(0.999),
		Max:  h.Max(),
	}
}

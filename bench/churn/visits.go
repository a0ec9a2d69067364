//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// sources is how many addresses visits come from, 127.0.0.2 and those that follow: a connection that was closed in order holds its port for a
// minute (TIME_WAIT), and one address has too few of them.
const sources = 16

// firstErrors is how many errors are kept of each kind of visit.
const firstErrors = 3

// visits opens connections at a rate and cuts them, each kind in turn.
type visits struct {
	addr  netip.AddrPort
	rate  int           // a second
	stay  time.Duration // how long each stays at most; half of it on average
	slots chan struct{} // has room for as many as may be open at once

	mu     sync.Mutex // guards the fields below
	counts []count    // of each of kinds
}

// count is what came of the visits of one kind.
type count struct {
	made, failed int
	errs         []error // the first ones
}

func newVisits(addr netip.AddrPort, rate, most int, stay time.Duration) *visits {
	return &visits{addr: addr, rate: rate, stay: stay, slots: make(chan struct{}, most), counts: make([]count, len(kinds))}
}

// run goes on until ctx ends, and returns when the last visit is over, which none prolongs.
func (v *visits) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	due := time.Now()
	for i := 0; ; i++ {
		if !wait(ctx, time.Until(due)) {
			return
		}
		due = due.Add(time.Second / time.Duration(v.rate))
		select {
		case v.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		wg.Go(func() { // ends with the visit
			defer func() { <-v.slots }()
			v.count(i%len(kinds), v.visit(ctx, i))
		})
	}
}

// visit makes the visit number i. The end of ctx cuts the stay short, and nothing else: what has begun is seen through.
func (v *visits) visit(ctx context.Context, i int) error {
	return kinds[i%len(kinds)].do(context.WithoutCancel(ctx), visit{
		addr: v.addr,
		from: netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + i%sources)}),
		stay: func() { wait(ctx, rand.N(v.stay+1)) },
	})
}

func (v *visits) count(kind int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := &v.counts[kind]
	c.made++
	if err == nil {
		return
	}
	c.failed++
	if len(c.errs) < firstErrors {
		c.errs = append(c.errs, err)
	}
}

// made returns how many visits there were.
func (v *visits) made() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range v.counts {
		n += c.made
	}
	return n
}

// err returns what went wrong, nil for nothing.
func (v *visits) err() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var errs []error
	for i, c := range v.counts {
		if c.failed > 0 {
			errs = append(errs, fmt.Errorf("%s: %d of %d connections failed: %w", kinds[i].name, c.failed, c.made, errors.Join(c.errs...)))
		}
	}
	return errors.Join(errs...)
}

// wait waits for d, 0 or less for none, and reports whether ctx lives on.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

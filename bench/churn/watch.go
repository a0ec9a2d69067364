//go:build linux

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/memquery"
	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/internal/report"
)

// sample is what the server held at one time.
type sample struct {
	at          string
	descriptors int
	memory      report.Memory
}

// take looks at the server. With collect, it collects its garbage first.
func take(ctx context.Context, p *program.Process, at string, collect bool) (s sample, err error) {
	s.at = at
	if s.descriptors, err = process.Descriptors(p.PID()); err != nil {
		return s, err
	}
	s.memory, err = memquery.Ask(ctx, p.Addr, nil, collect)
	return s, err
}

// watch takes a sample at every interval until ctx ends.
func watch(ctx context.Context, p *program.Process, interval time.Duration) (samples []sample, err error) {
	for began := time.Now(); wait(ctx, interval); {
		s, err := take(ctx, p, time.Since(began).Round(time.Second).String(), false)
		if ctx.Err() != nil { // a sample that was interrupted is none
			break
		} else if err != nil {
			return samples, err
		}
		samples = append(samples, s)
	}
	return samples, nil
}

// settle waits until the server has as many descriptors as wanted, and fails where it has not after the time given.
func settle(ctx context.Context, p *program.Process, wanted int, patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; {
		n, err := process.Descriptors(p.PID())
		if err != nil || n == wanted {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server has %d descriptors after %v of rest; want %d", n, patience, wanted)
		}
		if !wait(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}

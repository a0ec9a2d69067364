//go:build linux

package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/opening"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

const (
	// word is what makes the handler sleep.
	word = "sleep"
	// nap is how long it has to sleep at least.
	nap = time.Second
	// answerTimeout is how long the server may take to answer in all.
	answerTimeout = 15 * time.Second
)

// sleepAgain has the server at addr sleep, again and again until ctx ends, and waits for the last answer. It returns how many came.
func sleepAgain(ctx context.Context, addr netip.AddrPort) (n int, err error) {
	tc, _, err := opening.WebSocket(ctx, addr, netip.Addr{}, wire.Uncompressed)
	if err != nil {
		return 0, fmt.Errorf("the sleeper: %w", err)
	}
	defer tc.Close()
	var in wire.Assembler
	for ; ctx.Err() == nil; n++ {
		if err := sleepOnce(tc, &in); err != nil {
			return n, fmt.Errorf("the sleeper, after %d answers: %w", n, err)
		}
	}
	return n, nil
}

func sleepOnce(tc net.Conn, in *wire.Assembler) error {
	began := time.Now()
	if err := tc.SetDeadline(began.Add(answerTimeout)); err != nil {
		return err
	}
	if _, err := tc.Write(wire.AppendMasked(nil, wire.Text, []byte(word), 0)); err != nil {
		return err
	}
	buf := make([]byte, 64)
	for answered := false; !answered; {
		n, err := tc.Read(buf)
		if err != nil {
			return err
		}
		err = in.Feed(buf[:n], func(op byte, payload []byte) error {
			if op != wire.Text || string(payload) != word {
				return fmt.Errorf("answered with %q of opcode %d", payload, op)
			}
			answered = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	if took := time.Since(began); took < nap {
		return fmt.Errorf("answered after %v; the handler did not sleep", took)
	}
	return nil
}

package conn

import (
	"context"
	"slices"
)

// admit waits until a frame of a message of its own may be sent: until no message of a NextWriter is in progress, and there is room.
// Those that wait are admitted in the order in which they came; else a large frame, which waits until nobody is writing, could wait for ever
// behind small ones, which need not. o.mu is held, and released while it waits.
func (o *output) admit(ctx context.Context, large bool) error {
	if len(o.line) == 0 {
		if err := o.refusal(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !o.message && o.hasRoom(large) {
			return nil
		}
	}
	turn := make(chan struct{}, 1)
	o.line = append(o.line, turn)
	defer o.leaveLine(turn)
	for {
		if err := o.refusal(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.line[0] == turn && !o.message && o.hasRoom(large) {
			return nil
		}
		o.mu.Unlock()
		select {
		case <-turn:
		case <-ctx.Done():
		}
		o.mu.Lock()
	}
}

// admitPart waits until the next frame of the NextWriter's message in progress may be sent. Nobody competes with it.
func (o *output) admitPart(ctx context.Context, large bool) error {
	for {
		if err := o.refusal(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if o.hasRoom(large) {
			return nil
		}
		if err := o.waitLocked(ctx); err != nil {
			return err
		}
	}
}

// hasRoom reports whether a frame may be sent without more than gatherLimit waiting behind a write. A large frame is never put behind one: its
// own goroutine writes it.
func (o *output) hasRoom(large bool) bool { return !o.busy || !large && !o.full() }

func (o *output) leaveLine(turn chan struct{}) {
	at := slices.Index(o.line, turn)
	o.line = slices.Delete(o.line, at, at+1)
	if at == 0 {
		o.callNext()
	}
}

// callNext makes the first in the line look whether its turn has come.
func (o *output) callNext() {
	if len(o.line) == 0 {
		return
	}
	select {
	case o.line[0] <- struct{}{}:
	default: // it has been called and has not looked yet
	}
}

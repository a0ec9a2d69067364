package conn

import (
	"context"
	"slices"
)

// stretch is a part of the line of those that wait to be admitted: small frames, in no order among themselves, and behind them one
// that needs the connection for itself: a large frame, which waits until nobody is writing, or a NextWriter's message.
//
//	line:  [ small ... alone ] [ small ... alone ] [ small ... ]
//
// Only the first stretch is admitted, and what is alone in it only when the small ones before it are. So nobody waits for ever, as large frames
// would behind small ones; and where nothing but small frames wait, those that come may pass those that have yet to wake up, which
// would else be taken one by one.
type stretch struct {
	small int           // how many small frames wait
	room  chan struct{} // closed to wake them; nil: they have not looked yet
	alone chan struct{} // wakes the last, capacity 1; nil: there is none
	large bool          // that is a large frame
}

// admit waits until a frame of a message of its own may be sent, or such a message begin: until no message of a NextWriter is in progress, and there
// is room. alone says that it needs the connection for itself. o.mu is held, and released while it waits.
func (o *output) admit(ctx context.Context, alone, large bool) error {
	if err := o.refused(ctx); err != nil {
		return err
	}
	passes := len(o.line) == 0 || !alone && len(o.line) == 1 && o.line[0].alone == nil
	if passes && !o.message && o.hasRoom(large) {
		return nil
	}
	s := o.joinLine(alone, large)
	for {
		var turn chan struct{}
		if alone {
			turn = s.alone
		} else {
			if s.room == nil {
				s.room = make(chan struct{})
			}
			turn = s.room
		}
		o.mu.Unlock()
		select {
		case <-turn:
		case <-ctx.Done():
		}
		o.mu.Lock()
		err := o.refused(ctx)
		first := o.line[0] == s && (!alone || s.small == 0)
		if err != nil || first && !o.message && o.hasRoom(large) {
			o.leaveLine(s, alone)
			return err
		}
	}
}

// admitPart waits until the next frame of the NextWriter's message in progress may be sent. Nobody competes with it.
func (o *output) admitPart(ctx context.Context, large bool) error {
	for {
		if err := o.refused(ctx); err != nil {
			return err
		}
		if o.driven || o.hasRoom(large) {
			return nil
		}
		if err := o.waitLocked(ctx); err != nil {
			return err
		}
	}
}

// refused returns why nothing can be sent any more, or why the caller must not wait, or nil.
func (o *output) refused(ctx context.Context) error {
	if err := o.refusal(); err != nil {
		return err
	}
	return ctx.Err()
}

// hasRoom reports whether a frame may be sent without more than gatherLimit waiting behind a write. A large frame is never put behind one: its
// own goroutine writes it.
func (o *output) hasRoom(large bool) bool { return !o.busy || !large && !o.full() }

// joinLine returns the stretch at the end of the line, with the caller in it.
func (o *output) joinLine(alone, large bool) *stretch {
	n := len(o.line)
	if n == 0 || o.line[n-1].alone != nil {
		o.own().line = append(o.line, new(stretch))
		n++
	}
	s := o.line[n-1]
	if alone {
		s.alone, s.large = make(chan struct{}, 1), large
	} else {
		s.small++
	}
	return s
}

func (o *output) leaveLine(s *stretch, alone bool) {
	if alone {
		s.alone = nil
	} else {
		s.small--
	}
	for len(o.line) > 0 && o.line[0].small == 0 && o.line[0].alone == nil {
		o.line = slices.Delete(o.line, 0, 1)
	}
	if alone || s.small == 0 { // the other small ones have been called with this one
		o.callNext()
	}
}

// callNext makes the first in the line look whether their turn has come.
func (o *output) callNext() {
	if len(o.line) == 0 {
		return
	}
	s := o.line[0]
	if o.refusal() == nil && (o.message || !o.hasRoom(s.small == 0 && s.large)) {
		return
	}
	switch {
	case s.small > 0 && s.room != nil:
		close(s.room)
		s.room = nil
	case s.small == 0:
		select {
		case s.alone <- struct{}{}:
		default: // it has been called and has not looked yet
		}
	}
}

package conn

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// readerGrace is how long a message that arrives during a Shutdown waits for someone to read it.
const readerGrace = 100 * time.Millisecond

// Shutdown performs the closing handshake (RFC 6455 section 7.1.2): it sends a Close frame with code and reason behind all that was written, waits for the
// peer's, and closes the transport. It returns nil when both Close frames were exchanged, whoever began. When ctx or Options.CloseTimeout
// ends first, the transport is closed all the same and the error returned. closecode.NoStatusReceived sends a Close frame without a code.
//
// Messages that arrive meanwhile go to whoever reads, as before. Where nobody has come to read them for 100 ms, because nobody reads any more or because Serve
// is in a callback, which may be the caller, Shutdown drops them. It may be called from anywhere, at any moment.
//
// Called from a function of Events on an event loop (Driver), Shutdown begins the closing handshake, returns nil and leaves its end, whose bounds are the
// same, to the loop.
func (c *Conn) Shutdown(ctx context.Context, code closecode.Code, reason string) error {
	if err := checkClose(code, reason); err != nil {
		return err
	}
	if c.isDriven() {
		return c.shutdownDriven(ctx, code, reason)
	}
	ctx, cancel := c.closeContext(ctx)
	defer cancel()
	o := &c.out
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return c.handshakeResult()
	}
	c.closeFromHere(code, reason)
	err := c.flushAllLocked(ctx)
	if err == nil {
		err = c.awaitEnd(ctx)
	}
	if err != nil {
		c.end(lost(err))
		c.shut()
		if c.handshakeResult() != nil {
			return err
		}
	}
	return c.handshakeResult()
}

// closeContext returns ctx with Options.CloseTimeout as its bound.
func (c *Conn) closeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.opts.CloseTimeout > 0 {
		return context.WithTimeout(ctx, c.opts.CloseTimeout)
	}
	return ctx, func() {}
}

func checkClose(code closecode.Code, reason string) error {
	switch {
	case code == closecode.NoStatusReceived && reason == "":
	case !code.Sendable():
		return errCloseCode
	case len(reason) > frame.MaxCloseReason || !utf8.ValidString(reason):
		return errCloseReason
	}
	return nil
}

// closeFromHere puts the Close frame that begins the closing handshake behind all that was written, if none was sent yet. out.mu is held.
func (c *Conn) closeFromHere(code closecode.Code, reason string) {
	o := &c.out
	if !o.snd.Closed() {
		o.own().closing = &CloseError{Code: code, Reason: reason}
		c.appendCloseLocked(code, reason)
		o.wake() // those who wait for room are refused
	}
}

// handshakeResult returns nil where both Close frames were exchanged, else why the connection ended.
func (c *Conn) handshakeResult() error {
	err := c.ended()
	if e, ok := errors.AsType[*CloseError](err); ok && e.Code != closecode.AbnormalClosure {
		return nil
	}
	return err
}

// shutdownInTime is Shutdown for where there is no context to bound it: Options.CloseTimeout does or, where that is off, its default.
func (c *Conn) shutdownInTime(code closecode.Code) error {
	ctx := background
	if c.opts.CloseTimeout < 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultCloseTimeout)
		defer cancel()
	}
	return c.Shutdown(ctx, code, "")
}

// awaitEnd waits until the connection has ended. The first to call it reads what is left as long as nobody else does; several would
// take the reading side from each other, each as the reader that the other waits for.
func (c *Conn) awaitEnd(ctx context.Context) error {
	if c.state.Or(shutting)&shutting != 0 {
		return c.waitClosed(ctx)
	}
	o := &c.out
	drop := false
	for {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return nil
		}
		// The lock is held so that leave, which takes it after it has freed the reading side, cannot be missed.
		var from int32
		switch {
		case c.reading.CompareAndSwap(free, held):
			from = free
		case c.reading.CompareAndSwap(lent, held):
			from = lent
		default:
			err := o.waitLocked(ctx)
			o.mu.Unlock()
			if err != nil {
				return err
			}
			continue
		}
		o.mu.Unlock()
		data, err := c.readControl(ctx, drop)
		if !data {
			if from == free {
				c.leave(free)
			} // else it is kept for good: the callback may still have a message in its hands
			return err
		}
		c.leave(from)
		if drop, err = c.awaitReader(ctx, from); err != nil {
			return err
		}
	}
}

// readControl reads control frames until the connection has ended or a data frame is next, which it reports; with drop it reads over those, too. The caller
// holds the reading side, perhaps in the middle of a callback, so that the buffer that it finds, where a message may be on loan, is left alone.
func (c *Conn) readControl(ctx context.Context, drop bool) (data bool, err error) {
	in := c.in
	for found := true; ; found = false {
		for len(in.rest) > 0 {
			if !drop && !in.rcv.ControlAhead(in.rest) {
				return true, nil
			}
			ev, n, err := in.rcv.Next(in.rest)
			in.rest = in.rest[n:]
			if err != nil {
				c.fail(ctx, err)
				return false, nil
			}
			if ev.Kind != endpoint.Data && c.control(ctx, ev) != nil {
				return false, nil
			}
		}
		if found {
			in.buf = nil
		}
		if err := c.fill(ctx); err != nil {
			if c.is(over) {
				err = nil
			}
			return false, err
		}
	}
}

// awaitReader waits until someone has taken the reading side, which was left in the given state with a message to be read, or until nobody has for
// readerGrace: then drop is true.
func (c *Conn) awaitReader(ctx context.Context, state int32) (drop bool, err error) {
	grace, cancel := context.WithTimeout(ctx, readerGrace)
	defer cancel()
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	for turns := o.turns; !o.closed && o.turns == turns && c.reading.Load() == state; {
		if o.waitLocked(grace) != nil {
			return ctx.Err() == nil && o.turns == turns && c.reading.Load() == state, ctx.Err()
		}
	}
	return false, nil
}

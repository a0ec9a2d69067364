package conn

import (
	"context"
	"errors"

	"github.com/laminar-ws/laminar/closecode"
)

// ended returns why the connection ended; nil: it goes on. The answer stays the same for ever.
func (c *Conn) ended() error {
	if !c.is(over) {
		return nil
	}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.end
}

// end says why the connection ended, if that has not been said before, and returns the reason that stands.
func (c *Conn) end(why error) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.endLocked(why)
}

func (c *Conn) endLocked(why error) error {
	o := &c.out
	if o.end == nil {
		o.own().end = why
		c.state.Or(over)
		o.wake()
	}
	return o.end
}

// shut closes the transport and tells all who wait for the connection's end, which must have been said. Only the first call closes.
func (c *Conn) shut() error {
	o := &c.out
	o.mu.Lock()
	if o.shut {
		o.mu.Unlock()
		return nil
	}
	o.shut = true
	if o.armed {
		o.armed = false
		o.stall.Stop()
	}
	o.stopBounds()
	if o.driven && !o.busy {
		o.dropQueue()
	}
	e, ok := o.end.(*CloseError)
	cut := !ok || e.Code == closecode.AbnormalClosure
	driven := o.driven
	o.mu.Unlock()
	var err error
	if driven {
		err = c.t.w.Close()
	} else {
		err = c.t.close(cut)
	}
	o.mu.Lock()
	o.closed = true
	o.wake()
	o.mu.Unlock()
	c.tidy()
	return err
}

// waitClosed waits until the transport is closed.
func (c *Conn) waitClosed(ctx context.Context) error {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closed {
		if err := o.waitLocked(ctx); err != nil {
			return err
		}
	}
	return nil
}

func closedNormally(err error) bool {
	e, ok := errors.AsType[*CloseError](err)
	if !ok {
		return false
	}
	switch e.Code {
	case closecode.NormalClosure, closecode.GoingAway, closecode.NoStatusReceived:
		return true
	}
	return false
}

package conn

import (
	"context"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/laminar-ws/laminar/closecode"
)

// isDriven reports whether a Driver feeds the connection.
func (c *Conn) isDriven() bool {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.driven
}

// finishDrivenLocked sees to the end of a driven connection whose Close frame is pending: it is sent, our side of the transport closed, and the peer given
// lingerTime to close its own. out.mu is held on entry and released on return.
func (c *Conn) finishDrivenLocked() {
	o := &c.out
	o.finishing = true
	o.corked = false
	c.boundLinger()
	if o.busy || o.blocked {
		o.mu.Unlock()
		return
	}
	c.pumpLocked()
}

// farewell closes our side of the transport when all is sent, as linger does for a connection that is read by a goroutine, and leaves the rest to the owner,
// who reads to the end.
func (c *Conn) farewell() {
	o := &c.out
	o.mu.Lock()
	_, clean := o.end.(*CloseError)
	alone := o.peerDone
	o.mu.Unlock()
	switch {
	case alone:
		c.shut()
		return
	case clean && o.snd.Masks():
		return
	}
	if w, ok := c.t.w.(writeCloser); ok {
		w.CloseWrite()
	} else if clean {
		c.shut()
	}
}

// lastWords reports whether something is still to be sent after the peer has closed its side, and sees to it that the transport is closed when it has been.
func (c *Conn) lastWords() bool {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.shut || !o.busy && !o.blocked && o.rest == nil {
		return false
	}
	o.peerDone = true
	if !o.finishing {
		o.finishing = true
		c.endLocked(lost(io.EOF))
		c.boundLinger()
	}
	return true
}

// boundLinger sees to it that the transport is closed after lingerTime, whatever was to bound the closing handshake. out.mu is held.
func (c *Conn) boundLinger() {
	o := &c.out
	o.stopBounds()
	o.own().bound = time.AfterFunc(lingerTime, func() { c.shut() })
}

// discard drops n bytes of input that came after the connection's end.
func (c *Conn) discard(n int) error {
	o := &c.out
	o.mu.Lock()
	o.own().discarded += n
	enough := o.discarded > lingerBytes
	o.mu.Unlock()
	if enough {
		c.shut()
	}
	return c.ended()
}

// startClosing sends the Close frame that begins the closing handshake of a driven connection. Where the transport is closed already, it returns
// why, nil after a closing handshake.
func (c *Conn) startClosing(code closecode.Code, reason string) error {
	o := &c.out
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return c.handshakeResult()
	}
	c.closeFromHere(code, reason)
	o.corked = false
	c.pumpLocked()
	return nil
}

// shutdownDriven is Shutdown of a driven connection.
func (c *Conn) shutdownDriven(ctx context.Context, code closecode.Code, reason string) error {
	if err := c.startClosing(code, reason); err != nil {
		return err
	}
	if onLoop() {
		c.boundClosing(ctx)
		return nil
	}
	ctx, cancel := c.closeContext(ctx)
	defer cancel()
	if err := c.waitClosed(ctx); err != nil {
		c.cutOff(err)
		if c.handshakeResult() != nil {
			return err
		}
	}
	return c.handshakeResult()
}

// boundClosing sees to it that the transport is closed when ctx or Options.CloseTimeout ends.
func (c *Conn) boundClosing(ctx context.Context) {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.shut || o.finishing {
		return
	}
	r := o.own()
	if t := c.opts.CloseTimeout; t > 0 && r.bound == nil {
		r.bound = time.AfterFunc(t, func() { c.cutOff(context.DeadlineExceeded) })
	}
	if ctx.Done() == nil {
		return
	}
	others := r.unbind // of the Shutdowns before
	stop := context.AfterFunc(ctx, func() { c.cutOff(ctx.Err()) })
	r.unbind = func() bool {
		if others != nil {
			others()
		}
		return stop()
	}
}

// stopBounds ends what would cut the connection off. o.mu is held.
func (o *output) stopBounds() {
	if o.bound != nil {
		o.bound.Stop()
		o.bound = nil
	}
	if o.unbind != nil {
		o.unbind()
		o.unbind = nil
	}
	if o.shut && o.late != nil {
		o.late.Stop()
		o.late = nil
	}
}

// driverMethods is what the names of Driver's methods begin with on a stack.
const driverMethods = "github.com/laminar-ws/laminar/conn.(*Driver)."

// onLoop reports whether the calling goroutine is one that drives a connection, and is in a function of Events, by its stack, since only a caller that would
// wait needs to know: nobody would read what it waits for.
func onLoop() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for more := n > 0; more; {
			var f runtime.Frame
			f, more = frames.Next()
			if strings.HasPrefix(f.Function, driverMethods) {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

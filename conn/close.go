package conn

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

const (
	// lingerTime is how long an ended connection waits for the peer to take our Close frame and to close its side, and
	// lingerBytes how much it reads and drops meanwhile: closing a socket with unread input resets it, and the peer would not see the code.
	lingerTime  = time.Second
	lingerBytes = 256 << 10

	// lastWrite bounds what Close spends on frames that were gathered, on a transport that cannot tell what it takes at once.
	lastWrite = 10 * time.Millisecond
)

// flushAllLocked sends all that is pending, after what is being written. out.mu is held on entry and released on return.
func (c *Conn) flushAllLocked(ctx context.Context) error {
	o := &c.out
	for o.busy && !o.closed {
		if err := o.waitLocked(ctx); err != nil {
			o.mu.Unlock()
			return err
		}
	}
	o.corked = false
	return c.flushLocked(ctx)
}

// closedByPeer answers the peer's Close frame, or takes it as the answer to ours, and ends the connection. The caller holds the reading side.
func (c *Conn) closedByPeer(ctx context.Context, code closecode.Code, reason string) error {
	o := &c.out
	o.mu.Lock()
	end := &CloseError{Code: code, Reason: reason, Remote: true}
	if o.closing != nil {
		end = o.closing
	}
	// "It typically echos the status code it received", RFC 6455 section 5.5.1.
	return c.finish(ctx, end, code, "")
}

// fail ends a connection whose peer broke the protocol (RFC 6455 section 7.1.7). The caller holds the reading side.
func (c *Conn) fail(ctx context.Context, cause error) error {
	code, ok := closecode.Of(cause)
	if !ok {
		code = closecode.InternalError
	}
	reason := ""
	if e, ok := errors.AsType[*frame.Error](cause); ok {
		reason = e.Msg
	}
	c.out.mu.Lock()
	return c.finish(ctx, &endError{cause}, code, reason)
}

// finish sends a Close frame, if none was sent yet, gives the peer the time to read it, lingerTime at most and not beyond ctx, and closes the transport. It returns
// why the connection ended, which is end if nothing else came first. The caller holds the reading side and out.mu, which is released.
func (c *Conn) finish(ctx context.Context, end error, code closecode.Code, reason string) error {
	o := &c.out
	if o.shut {
		o.mu.Unlock()
		return c.ended()
	}
	c.appendCloseLocked(code, reason)
	end = c.endLocked(end)
	if o.driven {
		c.finishDrivenLocked()
		return end
	}
	ctx, cancel := context.WithTimeout(ctx, lingerTime)
	defer cancel()
	if c.flushAllLocked(ctx) == nil {
		_, clean := end.(*CloseError)
		c.linger(ctx, clean)
	}
	c.shut()
	return end
}

// linger waits for the peer to close its side of the transport and drops what it still sends, until ctx ends. It closes our side first, but
// for a client's after a clean closing handshake: "the server MUST close the connection immediately, the client SHOULD wait" (RFC 6455
// section 7.1.1). A server whose transport cannot be closed by halves has nothing to wait for then.
func (c *Conn) linger(ctx context.Context, clean bool) {
	d, ok := c.t.w.(readDeadliner)
	if !ok || d.SetReadDeadline(time.Time{}) != nil {
		return
	}
	if !clean || !c.out.snd.Masks() {
		if w, ok := c.t.w.(writeCloser); ok {
			w.CloseWrite()
		} else if clean {
			return
		}
	}
	settle := interruptible(ctx, func() { d.SetReadDeadline(longAgo) })
	defer settle()
	b := bufpool.Get(minReadBuffer)
	defer b.Release()
	for got := 0; got < lingerBytes; {
		n, err := c.t.read(b.B[:cap(b.B)])
		if err != nil {
			return
		}
		got += n
	}
}

// appendCloseLocked puts a Close frame behind all that was written, if none was sent yet.
func (c *Conn) appendCloseLocked(code closecode.Code, reason string) {
	o := &c.out
	if o.snd.Closed() {
		return
	}
	if !o.message {
		c.frameQueue() // an error leaves the rest unsent, and the connection ends anyway
	}
	o.dropMessages() // those behind a message that is in progress can follow it no more
	o.appendClose(code, reason)
}

// Close closes the transport at once, without a closing handshake. What was gathered is sent first as far as the transport takes it
// without waiting. It may be called any number of times, from anywhere, at any moment; only the first call may return an error, the transport's.
func (c *Conn) Close() error {
	o := &c.out
	o.mu.Lock()
	c.endLocked(lost(net.ErrClosed))
	if o.driven {
		c.pumpAtMost(-1)
		return c.shut()
	}
	if o.shut || o.busy || o.pending == nil {
		o.mu.Unlock()
		return c.shut()
	}
	o.busy = true
	batch := o.take()
	o.mu.Unlock()
	if done, err := c.tryBatch(batch); !done && err == nil {
		if d, ok := c.t.w.(writeDeadliner); ok && c.t.sock == nil && d.SetWriteDeadline(time.Now().Add(lastWrite)) == nil {
			c.t.w.Write(batch.B) // all that can be done for it
		}
		batch.Release()
	}
	return c.shut()
}

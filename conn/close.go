package conn

import (
	"context"
	"errors"
	"net"
	"time"
	"unicode/utf8"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
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

// Shutdown performs the closing handshake (RFC 6455 section 7.1.2): it sends a Close frame with code and reason behind all that was written, waits for the
// peer's, and closes the transport. It returns nil when both Close frames were exchanged, whoever began. When ctx or Options.CloseTimeout
// ends first, the transport is closed all the same and the error returned. closecode.NoStatusReceived sends a Close frame without a code.
//
// Messages that arrive meanwhile go to the goroutine that is reading; where none is, or Serve is in a callback (which may be the
// caller), Shutdown reads and drops them. It may be called from anywhere, at any moment.
func (c *Conn) Shutdown(ctx context.Context, code closecode.Code, reason string) error {
	switch {
	case code == closecode.NoStatusReceived && reason == "":
	case !code.Sendable():
		return errCloseCode
	case len(reason) > frame.MaxCloseReason || !utf8.ValidString(reason):
		return errCloseReason
	}
	if c.opts.CloseTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.opts.CloseTimeout)
		defer cancel()
	}
	o := &c.out
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return c.handshakeResult()
	}
	if !o.snd.Closed() {
		o.closing = &CloseError{Code: code, Reason: reason}
		o.appendClose(code, reason)
		o.wake() // those who wait for room are refused
	}
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

// awaitEnd waits until the connection has ended, reading what is left of it if nobody else does.
func (c *Conn) awaitEnd(ctx context.Context) error {
	c.shutting.Store(true)
	o := &c.out
	for {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return nil
		}
		// The lock is held so that leave, which takes it after it has freed the reading side, cannot be missed.
		mine := c.reading.CompareAndSwap(free, held)
		if mine || c.reading.CompareAndSwap(lent, held) {
			o.mu.Unlock()
			if mine {
				defer c.leave(free)
			} // else it is kept for good: the callback may still have a message in its hands
			return c.readToEnd(ctx)
		}
		err := o.waitLocked(ctx)
		o.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// readToEnd reads and drops what comes until the connection has ended. The caller holds the reading side, perhaps in the middle of a
// callback, so that the buffer of the last message is left alone.
func (c *Conn) readToEnd(ctx context.Context) error {
	in := &c.in
	input := in.unread()
	in.buf, in.at = nil, 0
	var scratch *bufpool.Buffer
	for {
		for len(input) > 0 {
			ev, n, err := in.rcv.Next(input)
			input = input[n:]
			if err != nil {
				c.fail(ctx, err)
				return nil
			}
			if ev.Kind != endpoint.Data && c.control(ctx, ev) != nil {
				return nil
			}
		}
		if scratch == nil {
			scratch = bufpool.Get(minReadBuffer)
			defer scratch.Release()
		}
		dst := scratch.B[:cap(scratch.B)]
		n, err := c.read(ctx, dst)
		if err != nil {
			if err = c.readFailed(ctx, err); c.over.Load() {
				err = nil
			}
			return err
		}
		input = dst[:n]
	}
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
	if !o.snd.Closed() {
		o.appendClose(code, reason)
	}
	end = c.endLocked(end)
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
	d, ok := c.t.rwc.(readDeadliner)
	if !ok || d.SetReadDeadline(time.Time{}) != nil {
		return
	}
	if !clean || !c.out.snd.Masks() {
		if w, ok := c.t.rwc.(writeCloser); ok {
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
		n, err := c.t.rwc.Read(b.B[:cap(b.B)])
		if err != nil {
			return
		}
		got += n
	}
}

// Close closes the transport at once, without a closing handshake. What was gathered is sent first as far as the transport takes it
// without waiting. It may be called any number of times, from anywhere, at any moment; only the first call may return an error, the transport's.
func (c *Conn) Close() error {
	o := &c.out
	o.mu.Lock()
	c.endLocked(lost(net.ErrClosed))
	if o.shut || o.busy || o.pending == nil {
		o.mu.Unlock()
		return c.shut()
	}
	o.busy = true
	batch := o.take()
	o.mu.Unlock()
	if done, err := c.tryBatch(batch); !done && err == nil {
		if d, ok := c.t.rwc.(writeDeadliner); ok && c.t.raw == nil && d.SetWriteDeadline(time.Now().Add(lastWrite)) == nil {
			c.t.rwc.Write(batch.B) // all that can be done for it
		}
		batch.Release()
	}
	return c.shut()
}

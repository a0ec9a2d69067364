package conn

import (
	"context"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// queueCharge is what a message in the queue counts beside its payload, in bytes: about what it takes up beside it.
const queueCharge = 128

// outgoing is a message of a driven connection on its way to be framed. In the queue it is not compressed yet where that takes the context of those before it, so that
// any message there can be dropped.
type outgoing struct {
	head      frame.Header // Fin and Opcode; Rsv1 where payload is compressed, or is to be
	payload   []byte
	buf       *bufpool.Buffer // payload's, in the queue; nil where shared
	shared    bool            // payload never changes: a Prepared's
	inContext bool            // payload is to be compressed
	observe   []byte          // what payload was compressed from without the context, which is to know of it; nil: it need not
}

// keep makes m independent of its caller's memory.
func (m *outgoing) keep() {
	if !m.shared {
		m.buf = bufpool.Get(len(m.payload))
		m.buf.B = append(m.buf.B, m.payload...)
		m.payload = m.buf.B
	}
}

func (m *outgoing) release() {
	if m.buf != nil {
		m.buf.Release()
	}
}

// Buffered returns how many bytes of messages and frames wait for the transport to take them. Replies that gather to leave together are among them, and what another goroutine is
// about to write; OnDrain follows only where the transport did not take all it was given.
func (c *Conn) Buffered() int {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.buffered()
}

func (o *output) buffered() int {
	n := o.queued
	if o.rest != nil {
		n += len(o.rest.B)
	}
	if o.pending != nil {
		n += len(o.pending.B)
	}
	return n
}

// Dropped returns how many messages Options.WhenFull has dropped.
func (c *Conn) Dropped() uint64 {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.dropped
}

// writable reports whether a frame of a driven connection can be given to the transport now.
func (o *output) writable() bool { return !o.busy && !o.blocked && !o.shut }

// submitLocked sends m, or queues it behind what has to leave before it. out.mu is held on entry and released on return.
func (c *Conn) submitLocked(ctx context.Context, m outgoing) error {
	o := &c.out
	if err := c.awaitRoom(ctx, len(m.payload)); err != nil {
		o.mu.Unlock()
		return err
	}
	large := len(m.payload) > copyLimit
	if o.message || o.blocked || len(o.queue) > 0 || !o.hasRoom(large) {
		return c.enqueueLocked(m)
	}
	if m.inContext && large {
		return c.compressLargeLocked(ctx, m)
	}
	if m.inContext || m.observe != nil || !large {
		if err := c.frame(m); err != nil {
			return c.outOfContextLocked(err)
		}
		return c.flushLocked(ctx)
	}
	return c.sendLocked(ctx, m.head, m.payload)
}

// awaitRoom returns why nothing can be sent, if so. Where the queue has no room for n bytes although the transport takes all it is given, those that write are faster than the
// one that is in a call of the transport, or compresses, at this moment; that is no fault of the peer's, and it is waited for as for a lock. out.mu is held.
func (c *Conn) awaitRoom(ctx context.Context, n int) error {
	o := &c.out
	for {
		err := o.refused(ctx)
		switch {
		case err != nil, !full(c.opts, o.rare, n):
			return err
		case o.packing, o.busy && !o.blocked:
			if err := o.waitLocked(ctx); err != nil {
				return err
			}
		case o.writable() && !o.message: // a goroutine that is to write has not begun
			c.pumpLocked()
			o.mu.Lock()
		default:
			return nil
		}
	}
}

// frame puts m behind what is pending.
func (c *Conn) frame(m outgoing) error {
	o := &c.out
	if m.observe != nil {
		if err := c.compressor().Observe(m.observe); err != nil {
			return err
		}
	}
	if !m.inContext {
		o.append(m.head, m.payload)
		return nil
	}
	b := bufpool.Get(deflate.Bound(len(m.payload)))
	defer b.Release()
	var err error
	if b.B, err = c.compressor().Append(b.B, m.payload); err == nil {
		o.append(m.head, b.B)
	}
	return err
}

// compressLargeLocked sends m, which takes too long to be compressed for the lock to be held: others are queued behind it meanwhile.
func (c *Conn) compressLargeLocked(ctx context.Context, m outgoing) error {
	o := &c.out
	o.message, o.packing = true, true
	z := c.compressor()
	o.mu.Unlock()
	b := bufpool.Get(deflate.Bound(len(m.payload)))
	defer b.Release()
	var err error
	b.B, err = z.Append(b.B, m.payload)
	o.mu.Lock()
	o.message, o.packing = false, false
	o.wake()
	if err == nil {
		err = o.refused(ctx)
	}
	if err != nil {
		o.mu.Unlock()
		return c.outOfContext(err)
	}
	return c.sendLocked(ctx, m.head, b.B)
}

// enqueueLocked puts m into the queue, if there is room or room can be made. out.mu is held on entry and released on return.
func (c *Conn) enqueueLocked(m outgoing) error {
	o := &c.out
	r := o.own()
	if full(c.opts, r, len(m.payload)) {
		switch c.opts.WhenFull {
		case FullError:
			o.mu.Unlock()
			return ErrQueueFull
		case FullDropNewest:
			r.dropped++
			o.mu.Unlock()
			return nil
		case FullDropOldest:
			for full(c.opts, r, len(m.payload)) {
				o.dequeue().release()
				r.dropped++
			}
		default:
			end := c.endLocked(lost(ErrQueueFull))
			o.mu.Unlock()
			c.shut()
			return end
		}
	}
	m.keep()
	r.queue = append(r.queue, m)
	r.queued += len(m.payload)
	o.mu.Unlock()
	return nil
}

// full reports whether a message of n bytes does not fit behind those in the queue.
func full(opts *Options, r *rare, n int) bool {
	limit := opts.WriteQueue - r.queued - queueCharge*len(r.queue)
	return opts.WriteQueue >= 0 && len(r.queue) > 0 && n+queueCharge > limit
}

func (o *output) dequeue() *outgoing {
	m := o.queue[0]
	o.queue[0] = outgoing{}
	if o.queue = o.queue[1:]; len(o.queue) == 0 {
		o.queue = nil
	}
	o.queued -= len(m.payload)
	return &m
}

// frameQueue frames what is in the queue.
func (c *Conn) frameQueue() error { return c.frameSome(func() bool { return true }) }

// frameSome frames what is in the queue, from its front, as long as more reports that it should.
func (c *Conn) frameSome(more func() bool) error {
	o := &c.out
	for len(o.queue) > 0 && more() {
		m := o.dequeue()
		err := c.frame(*m)
		m.release()
		if err != nil {
			return err
		}
	}
	return nil
}

// dropQueue gives up all that is queued.
func (o *output) dropQueue() {
	o.dropMessages()
	if o.rest != nil {
		o.rest.Release()
		o.rest = nil
	}
	if o.pending != nil {
		o.pending.Release()
		o.pending = nil
	}
}

// dropMessages gives up the messages in the queue.
func (o *output) dropMessages() {
	for len(o.queue) > 0 {
		o.dequeue().release()
	}
}

// admitStream begins a NextWriter's message on a driven connection: behind all that is queued. out.mu is held.
func (c *Conn) admitStream(ctx context.Context) error {
	o := &c.out
	for o.packing {
		if err := o.waitLocked(ctx); err != nil { // for no longer than that takes
			return err
		}
	}
	switch err := o.refused(ctx); {
	case err != nil:
		return err
	case o.message:
		return errStreaming
	case c.overQueue():
		return ErrQueueFull
	}
	if err := c.frameQueue(); err != nil {
		return c.endLocked(lost(err))
	}
	return nil
}

// partRefused returns why a part of a NextWriter's message is not taken, if the connection is driven.
func (c *Conn) partRefused() error {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := c.opts.WriteQueue; o.driven && n >= 0 && o.buffered()-o.queued > n { // the messages in the queue wait for the stream, not it for them
		return ErrQueueFull
	}
	return nil
}

func (c *Conn) overQueue() bool {
	return c.opts.WriteQueue >= 0 && c.out.buffered() > c.opts.WriteQueue
}

// congested reports whether the peer is to read before it may send more.
func (c *Conn) congested() bool {
	o := &c.out
	if !c.is(waiting) || c.opts.HighWater < 0 {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.blocked && o.buffered() > c.opts.HighWater
}

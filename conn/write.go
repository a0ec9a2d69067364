package conn

import (
	"context"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/frame"
)

// Write sends p as one message in one frame, compressed where that was agreed on and p is not shorter than
// deflate.Options.Threshold. p is neither kept nor changed.
//
// Write returns when the transport has taken the frame, or when another goroutine is bound to give it to the transport: the one that
// is writing at this moment, or the one that reads, at the end of the batch of input whose replies it gathers (after 1 ms at the latest).
// On a driven connection (Driver) Write never waits, and puts what the transport does not take into a queue: see Options.WriteQueue.
// At most 64 KiB are ahead of the transport in that way; beyond that Write waits. An error that such a frame meets later is
// returned by the next call. Frames leave in the order in which their writes were admitted and never interleave.
//
// Where ctx ends before the frame was admitted, Write returns its error and the connection goes on. Where it ends while the transport
// does not take the frame, part of it may have left, and the connection is ended. So it is where ctx ends when a long message is already compressed that
// later ones will refer to.
func (c *Conn) Write(ctx context.Context, op frame.Opcode, p []byte) error {
	return c.WriteAs(ctx, op, p, Auto)
}

// writeFrame sends p in one frame.
func (c *Conn) writeFrame(ctx context.Context, h frame.Header, p []byte) error {
	large := len(p) > copyLimit
	c.out.mu.Lock()
	if c.out.driven {
		return c.submitLocked(ctx, outgoing{head: h, payload: p})
	}
	if err := c.out.admit(ctx, large, large); err != nil {
		c.out.mu.Unlock()
		return err
	}
	return c.sendLocked(ctx, h, p)
}

// sendLocked sends a data frame that was admitted. out.mu is held on entry and released on return.
func (c *Conn) sendLocked(ctx context.Context, h frame.Header, p []byte) error {
	switch {
	case len(p) <= copyLimit:
	case !c.out.driven:
		return c.writeLargeLocked(ctx, h, p)
	case c.out.writable() && c.out.rest == nil && !c.out.snd.Masks():
		return c.writeThroughLocked(h, p)
	}
	c.out.append(h, p)
	return c.flushLocked(ctx)
}

// flushLocked sends what is pending, unless another goroutine is bound to do that. out.mu is held on entry and released
// on return.
func (c *Conn) flushLocked(ctx context.Context) error {
	o := &c.out
	if o.busy {
		o.mu.Unlock()
		return nil
	}
	if o.corked && !o.full() {
		c.armStall()
		o.mu.Unlock()
		return nil
	}
	if o.driven {
		return c.pumpLocked()
	}
	batch := o.take()
	if batch == nil {
		o.mu.Unlock()
		return nil
	}
	o.busy = true
	o.mu.Unlock()
	err := c.writeBatch(ctx, batch)
	return c.finishWriting(ctx, err)
}

// finishWriting ends the turn of a goroutine that has set busy, whose own write returned err: what others appended meanwhile it writes
// along as far as that does not make it wait, and leaves the rest to a goroutine. It returns what the own write is to return.
func (c *Conn) finishWriting(ctx context.Context, err error) error {
	if err != nil {
		return c.writeFailed(ctx, err)
	}
	o := &c.out
	for round := 0; ; round++ {
		o.mu.Lock()
		batch := o.take()
		if batch == nil {
			o.busy = false
		}
		o.wake()
		o.mu.Unlock()
		if batch == nil {
			return nil
		}
		done := false
		if round < inlineRounds {
			done, err = c.tryBatch(batch)
		}
		if err != nil {
			c.writeFailed(background, err) // that was not the caller's frame
			return nil
		}
		if !done {
			go c.writeOn(batch) // ends when all is written, or the connection closed
			return nil
		}
	}
}

// writeOn writes batch and all that is appended meanwhile, waiting for the transport as long as it takes.
func (c *Conn) writeOn(batch *bufpool.Buffer) {
	o := &c.out
	for batch != nil {
		if err := c.writeBatch(background, batch); err != nil {
			c.writeFailed(background, err)
			return
		}
		o.mu.Lock()
		if batch = o.take(); batch == nil {
			o.busy = false
		}
		o.wake()
		o.mu.Unlock()
	}
}

// pushLocked sends what is pending without ever waiting for the transport: what it does not take at once is left to a
// goroutine. out.mu is held on entry and released on return.
func (c *Conn) pushLocked() {
	o := &c.out
	if o.driven {
		c.pumpLocked()
		return
	}
	if o.busy || o.shut {
		o.mu.Unlock()
		return
	}
	o.busy = true
	o.mu.Unlock()
	c.finishWriting(background, nil)
}

// writeBatch writes the batch, waiting for the transport as long as ctx allows, and releases it.
func (c *Conn) writeBatch(ctx context.Context, batch *bufpool.Buffer) error {
	done, err := c.tryBatch(batch)
	if done || err != nil {
		return err
	}
	err = c.writeAll(ctx, batch.B)
	batch.Release()
	return err
}

// tryBatch writes what the transport takes of the batch at once. Where that is all of it, or it failed, the batch is released; else the
// rest is left in batch.B.
func (c *Conn) tryBatch(batch *bufpool.Buffer) (done bool, err error) {
	if c.t.sock == nil {
		return false, nil
	}
	n, err := c.t.sock.write(batch.B, false)
	batch.B = batch.B[n:]
	if err != nil || len(batch.B) == 0 {
		batch.Release()
		return err == nil, err
	}
	return false, nil
}

// writeAll writes b, waiting for the transport until ctx ends.
func (c *Conn) writeAll(ctx context.Context, b []byte) error {
	return c.waitWriting(ctx, func() (err error) {
		if c.t.sock == nil {
			_, err = c.t.w.Write(b)
		} else {
			_, err = c.t.sock.write(b, true)
		}
		return err
	})
}

// waitWriting runs write, which waits for the transport, and makes it give up when ctx ends.
func (c *Conn) waitWriting(ctx context.Context, write func() error) error {
	if ctx.Done() == nil {
		return write()
	}
	settle := interruptible(ctx, func() { c.interruptWriting(ctx.Err()) })
	err := write()
	if !settle() {
		return err
	}
	if err != nil {
		return ctx.Err()
	}
	// All was written before the interruption.
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.interrupted {
		o.interrupted = false
		c.t.w.(writeDeadliner).SetWriteDeadline(o.deadline)
	}
	return nil
}

// interruptWriting makes the write in progress give up: on a transport without write deadlines by closing it.
func (c *Conn) interruptWriting(why error) {
	o := &c.out
	o.mu.Lock()
	if d, ok := c.t.w.(writeDeadliner); ok {
		o.interrupted = d.SetWriteDeadline(longAgo) == nil
	}
	done := o.interrupted
	o.mu.Unlock()
	if !done {
		c.end(lost(why))
		c.shut()
	}
}

// writeFailed ends the connection after a write of which part may have left, and returns what the write is to return: ctx's error where
// that was the reason, else the connection's end.
func (c *Conn) writeFailed(ctx context.Context, err error) error {
	end := c.end(lost(err))
	c.shut()
	o := &c.out
	o.mu.Lock()
	o.busy = false
	o.dropQueue()
	o.wake()
	o.mu.Unlock()
	if ctx.Err() != nil && err == ctx.Err() {
		return err
	}
	return end
}

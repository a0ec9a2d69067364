package conn

import (
	"errors"
	"io"
	"os"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/frame"
)

// pumpRounds is how often a write of a driven connection takes the frames of others along before a goroutine relieves it.
const pumpRounds = 8

// pumpLocked gives a driven connection's transport what it takes. out.mu is held on entry and released on return.
func (c *Conn) pumpLocked() error { return c.pumpAtMost(pumpRounds) }

// pumpAtMost does the same in so many writes; a goroutine does those that are left, which ends when the transport has taken all or takes no more.
func (c *Conn) pumpAtMost(rounds int) error {
	o := &c.out
	if !o.writable() {
		o.mu.Unlock()
		return nil
	}
	o.busy = true
	for {
		batch, err := c.nextBatch()
		if err != nil {
			o.mu.Unlock()
			return c.writeFailed(background, err)
		}
		if batch == nil {
			break
		}
		if rounds == 0 {
			o.own().rest = batch
			o.busy = false
			o.mu.Unlock()
			go c.pump()
			return nil
		}
		rounds--
		o.again = false
		o.mu.Unlock()
		n, err := c.t.w.Write(batch.B)
		o.mu.Lock()
		if o.shut {
			return c.shutMeanwhileLocked(batch, len(batch.B)-n)
		}
		if n < len(batch.B) {
			batch.B = batch.B[n:]
			o.own().rest = batch
			if err := c.blockLocked(err); err != nil {
				o.mu.Unlock()
				return c.writeFailed(background, err)
			}
			if o.blocked {
				break
			}
			continue
		}
		batch.Release()
	}
	return c.pumpedLocked()
}

// pumpedLocked ends the turn of a goroutine that has set busy. out.mu is held on entry and released on return.
func (c *Conn) pumpedLocked() error {
	o := &c.out
	o.busy = false
	o.wake()
	farewell := o.finishing && !o.parted && !o.blocked && !o.shut
	if farewell {
		o.parted = true
	}
	if o.shut {
		o.dropQueue() // shut has left it to the goroutine that was writing
	}
	o.mu.Unlock()
	if farewell {
		c.farewell()
	}
	return nil
}

// shutMeanwhileLocked is pumpedLocked where another goroutine has closed the transport during a write of batch, of which so many bytes are left.
func (c *Conn) shutMeanwhileLocked(batch *bufpool.Buffer, left int) (end error) {
	if left > 0 {
		end = c.out.end
	}
	batch.Release()
	c.pumpedLocked()
	return end
}

func (c *Conn) pump() {
	c.out.mu.Lock()
	c.pumpLocked()
}

// nextBatch returns what is to be written next; nil: nothing.
func (c *Conn) nextBatch() (*bufpool.Buffer, error) {
	o := &c.out
	if b := o.rest; b != nil {
		o.rest = nil
		return b, nil
	}
	if !o.message && len(o.queue) > 0 {
		if err := c.frameSome(func() bool { return !o.full() }); err != nil {
			return nil, err
		}
	}
	return o.take(), nil
}

// blockLocked takes err, with which the transport has taken a part only. It returns an error that ends the connection, nil where the rest waits for Writable. That
// may have been called meanwhile: then the transport can be tried again, and blocked is not set.
func (c *Conn) blockLocked(err error) error {
	o := &c.out
	switch {
	case err == nil:
		return io.ErrShortWrite
	case !errors.Is(err, ErrWouldBlock):
		return err
	case o.again:
		o.again = false
		return nil
	}
	o.blocked = true
	c.state.Or(waiting)
	c.watchDeadline()
	return nil
}

// unblock goes on writing after the transport has said that it takes bytes again. It reports whether all that was queued has left, but for what waits behind
// a NextWriter's message.
func (c *Conn) unblock() (drained bool) {
	o := &c.out
	o.mu.Lock()
	if !o.blocked {
		o.again = o.busy
		o.mu.Unlock()
		return false
	}
	o.blocked = false
	c.state.And(^waiting)
	// So often that all which waits now has left, for OnDrain to be called. What others go on adding must not keep the owner.
	c.pumpAtMost(pumpRounds + o.buffered()/gatherLimit)
	o.mu.Lock()
	defer o.mu.Unlock()
	c.watchDeadline()
	return !o.blocked // what others add meanwhile is on its way
}

// writeThroughLocked writes a large frame from the caller's memory, behind what is pending, in two writes, and copies only what the transport does not take. out.mu is
// held on entry and released on return.
func (c *Conn) writeThroughLocked(h frame.Header, p []byte) error {
	o := &c.out
	o.room(frame.MaxHeaderLen + copyLimit)
	o.pending.B, _ = o.snd.AppendHeader(o.pending.B, h, len(p))
	o.pending.B = append(o.pending.B, p[:copyLimit]...)
	head := o.pending
	o.pending = nil
	o.busy, o.again = true, false
	o.mu.Unlock()
	p = p[copyLimit:]
	n, err := c.t.w.Write(head.B)
	whole := n == len(head.B)
	head.B = head.B[n:]
	if whole && !o.isShut() {
		n, err = c.t.w.Write(p)
		p = p[n:]
	}
	if len(p) > 0 {
		head.Grow(len(p))
		head.B = append(head.B, p...)
	}
	o.mu.Lock()
	switch {
	case o.shut:
		return c.shutMeanwhileLocked(head, len(head.B))
	case len(head.B) == 0:
		head.Release()
		return c.goOnLocked()
	}
	o.own().rest = head
	if err := c.blockLocked(err); err != nil {
		o.mu.Unlock()
		return c.writeFailed(background, err)
	}
	return c.goOnLocked()
}

func (o *output) isShut() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.shut
}

// goOnLocked writes what others have added, after a goroutine's own write. out.mu is held on entry and released on return.
func (c *Conn) goOnLocked() error {
	o := &c.out
	if o.blocked {
		return c.pumpedLocked()
	}
	o.busy = false
	return c.pumpLocked()
}

// watchDeadline ends the connection when the write deadline passes while something waits. out.mu is held.
func (c *Conn) watchDeadline() {
	o := &c.out
	if o.late != nil {
		o.late.Stop()
		o.late = nil
	}
	if !o.blocked || o.deadline.IsZero() || o.shut {
		return
	}
	o.own().late = time.AfterFunc(time.Until(o.deadline), func() {
		o.mu.Lock()
		passed := o.blocked && !o.deadline.IsZero() && !time.Now().Before(o.deadline)
		o.mu.Unlock()
		if passed {
			c.cutOff(os.ErrDeadlineExceeded)
		}
	})
}

// cutOff ends the connection, if it has not ended, and closes the transport.
func (c *Conn) cutOff(why error) {
	c.end(lost(why))
	c.shut()
}

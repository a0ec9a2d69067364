package conn

import "time"

// stallLimit is the longest that a reply is held back behind a handler that does not return.
const stallLimit = time.Millisecond

// cork is called by the reading side before it hands out a message: where more whole frames wait behind it, replies to it gather, and
// where none do, they leave at once, together with all that has gathered.
func (c *Conn) cork() {
	in := c.in
	more := in.rcv.Waiting(in.rest)
	if more == in.corked && !(more && c.is(loose)) {
		return
	}
	in.corked = more
	in.flush = true
	c.out.mu.Lock()
	c.out.corked = more
	c.state.And(^loose)
	c.out.mu.Unlock()
}

// uncork is called by the reading side before it waits for input: nothing is gathered any longer.
func (c *Conn) uncork() {
	in := c.in
	if !in.flush {
		return
	}
	in.flush, in.corked = false, false
	o := &c.out
	o.mu.Lock()
	o.corked = false
	if o.pending == nil && !o.snd.Owes() {
		o.mu.Unlock()
		return
	}
	c.pushLocked()
}

// armStall sees to it that what has begun to gather leaves in time.
func (c *Conn) armStall() {
	o := &c.out
	if o.armed {
		return
	}
	o.armed = true
	if o.stall == nil {
		o.own().stall = time.AfterFunc(stallLimit, c.stalled)
		return
	}
	o.stall.Reset(stallLimit)
}

// stalled runs on a goroutine of the timer's. From here to the next message, replies leave one by one; then they gather again, since a batch of many
// messages may well take longer than stallLimit without one handler that stalls.
func (c *Conn) stalled() {
	o := &c.out
	o.mu.Lock()
	if !o.armed || o.pending == nil {
		o.armed = false
		o.mu.Unlock()
		return
	}
	if o.corked {
		o.corked = false
		c.state.Or(loose)
	}
	c.pushLocked()
}

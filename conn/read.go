package conn

import (
	"context"
	"iter"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
)

// The reading side is held by one goroutine at a time.
const (
	free   int32 = iota
	held         // someone reads
	lent         // Serve is in a callback: a Shutdown may take the reading over for good
	fed          // nobody reads: the connection is driven
	called       // the same, and a callback is running
)

// enter takes the reading side.
func (c *Conn) enter(ctx context.Context) error {
	if c.reading.CompareAndSwap(free, held) {
		return nil
	}
	if !c.is(shutting) {
		if err := c.ended(); err != nil {
			return err
		}
		if c.isDriven() {
			return errDriven
		}
		return errConcurrentRead
	}
	o := &c.out // a Shutdown is reading: until the end, or until a message comes
	o.mu.Lock()
	defer o.mu.Unlock()
	for !c.reading.CompareAndSwap(free, held) {
		if o.closed {
			return o.end
		}
		if err := o.waitLocked(ctx); err != nil {
			return err
		}
	}
	return nil
}

// leave gives the reading side back, in the given state, and tells a Shutdown that waits for it, and those who wait for the Shutdown.
func (c *Conn) leave(state int32) {
	c.reading.Store(state)
	if state == free && c.is(over) {
		c.tidy()
	}
	if c.is(shutting) {
		o := &c.out
		o.mu.Lock()
		o.own().turns++
		o.wake()
		o.mu.Unlock()
	}
}

// Read returns the next data message. It answers pings and takes part in the closing handshake on the way. The message's data
// is valid until the next call that reads.
//
// When ctx ends first, Read returns its error and loses nothing: the next call goes on where this one stopped. An error that ended the connection
// is a *CloseError or, where the peer broke the protocol, has a *frame.Error in its tree; it is returned by every later call, too, and
// errors.Is(err, net.ErrClosed) holds.
func (c *Conn) Read(ctx context.Context) (Message, error) {
	if err := c.enter(ctx); err != nil {
		return Message{}, err
	}
	defer c.leave(free)
	if err := c.finishLast(ctx); err != nil {
		return Message{}, err
	}
	for {
		ev, err := c.message(ctx)
		if err != nil {
			return Message{}, err
		}
		if ev.Kind == endpoint.Data {
			c.cork()
			return Message{Op: ev.Op, Data: ev.Data, c: c}, nil
		}
		if err := c.control(background, ev); err != nil {
			return Message{}, err
		}
	}
}

// Messages returns an iterator over the messages that Read returns. It ends with the first error, which is the last pair's; a closing handshake
// with code 1000, 1001 or none ends it without one.
func (c *Conn) Messages(ctx context.Context) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			m, err := c.Read(ctx)
			if err != nil {
				if !closedNormally(err) {
					yield(Message{}, err)
				}
				return
			}
			if !yield(m, nil) {
				return
			}
		}
	}
}

// finishLast ends what the last call began: the loan of its message, or the message itself, whose rest is skipped.
func (c *Conn) finishLast(ctx context.Context) error {
	stream := c.in.stream
	if stream != nil {
		stream.stale = true
	}
	err := c.ended()
	if err != nil || stream == nil || !stream.deflated { // else it may still be inflating what lies there
		c.in.retire()
	}
	if err != nil {
		c.in.drop()
		c.in.asm.Drop()
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if stream != nil {
		return stream.skip(ctx)
	}
	return nil
}

// message returns the next whole data message, which is lent until retire is called, or the next control frame.
func (c *Conn) message(ctx context.Context) (endpoint.Event, error) {
	for {
		ev, err := c.piece(ctx)
		if err != nil {
			return ev, err
		}
		if whole, err := c.gather(&ev); whole || err != nil {
			return ev, err
		}
	}
}

// piece returns the next event. What it has of a message that comes in pieces is in the assembly by then.
func (c *Conn) piece(ctx context.Context) (endpoint.Event, error) {
	in := c.in
	if left := in.rcv.Remaining(); left >= directRead && in.asm.Open() && len(in.rest) == 0 {
		ev, n, err := c.nextDirect(ctx, in.asm.Spare(left))
		if err == nil {
			in.asm.Added(n)
		}
		return ev, err
	}
	ev, err := c.next(ctx)
	if err == nil {
		in.keep(ev)
	}
	return ev, err
}

// keep puts a piece of a message into the assembly.
func (in *input) keep(ev endpoint.Event) {
	if ev.Kind == endpoint.Data && !(ev.First && ev.Fin) {
		in.asm.Append(ev.Data)
	}
}

// gather reports whether ev is a control frame, or the last piece of a message, or all of it: then the whole of the message, inflated, is in ev.Data and lent.
func (c *Conn) gather(ev *endpoint.Event) (whole bool, err error) {
	in := c.in
	switch {
	case ev.Kind == endpoint.Data && !ev.Fin, ev.Kind == endpoint.None:
		return false, nil
	case ev.Kind != endpoint.Data:
		return true, nil
	case !ev.First:
		in.whole = in.asm.Take()
		ev.Data = in.whole.B
	}
	if ev.Rsv1 {
		content, err := c.inflate(ev.Data)
		in.retire()
		if err != nil {
			return false, err
		}
		in.whole, ev.Data = content, content.B
	}
	in.message = ev.Data
	return true, nil
}

// control does what the protocol asks for after a control frame. After a Close, whose answer ctx bounds, it returns the connection's end.
func (c *Conn) control(ctx context.Context, ev endpoint.Event) error {
	switch ev.Kind {
	case endpoint.Ping:
		c.pong(ev.Data)
	case endpoint.Pong:
		c.ponged(ev.Data)
	case endpoint.Close:
		return c.closedByPeer(ctx, ev.Code, string(ev.Data))
	}
	return nil
}

// Unread puts p in front of what the transport delivers: bytes that an opening handshake has read too far. It must be called
// before the first read. p is copied.
func (c *Conn) Unread(p []byte) {
	if len(p) == 0 {
		return
	}
	in := c.takeInput()
	b := bufpool.Get(len(p) + len(in.rest))
	b.B = append(append(b.B, p...), in.rest...)
	in.drop()
	in.buf, in.rest = b, b.B
}

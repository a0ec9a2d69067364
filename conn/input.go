package conn

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// The sizes of the buffer that the transport is read into, in bytes. Reads that fill their buffer double the next, up to maxReadBuffer.
// A socket is waited for without a buffer; other transports hold one while they wait, which is therefore small again as soon as a read
// did not fill it.
const (
	minReadBuffer = 4 << 10
	maxReadBuffer = 64 << 10
	waitingBuffer = 1 << 10

	// directRead is from how many missing bytes on the rest of a frame is read straight to where it belongs.
	directRead = 4 << 10
)

// input is the receiving side. It belongs to whoever holds the reading side of the connection (Conn.reading).
//
//	buf.B  | taken by the receiver, one message of it perhaps lent | rest |
type input struct {
	rcv endpoint.Receiver
	asm endpoint.Assembly // a message that came in pieces, until it is whole

	rest []byte          // what was read from the transport, or fed, and the receiver has not taken yet
	buf  *bufpool.Buffer // what rest is the end of; nil: it is empty, or lies in memory of someone else's
	size int             // of the next buffer

	message []byte          // the message, or payload of a control frame, that is lent to the user
	whole   *bufpool.Buffer // its buffer, where it was assembled

	stream *messageReader // the message that NextReader is in the middle of

	inflater *deflate.Decompressor // nil: no compressed message has come yet

	corked bool // replies are being gathered, as far as this side knows
	flush  bool // something may have been gathered since the last wait

	opts *Options   // of the connections that rcv is good for
	role frame.Role // and their end

	deadlines bool      // the transport was seen to have read deadlines
	left      *leftRead // a read of a transport without them that its caller gave up
}

// drop gives the read buffer back. Nothing in it is lent any more.
func (in *input) drop() {
	in.rest = nil
	if in.buf != nil {
		in.buf.Release()
		in.buf = nil
	}
}

// retire ends the loan of the last message.
func (in *input) retire() {
	bufpool.Poison(in.message)
	in.message = nil
	if in.whole != nil {
		in.whole.Release()
		in.whole = nil
	}
}

// adapt chooses the next buffer's size after a read of n bytes into one of the given size. held says that one is held while the transport is waited for.
func (in *input) adapt(n, size int, held bool) {
	switch {
	case n == size:
		in.size = min(2*size, maxReadBuffer)
	case held:
		in.size = waitingBuffer
	case n < size/8 && in.size > minReadBuffer:
		in.size /= 2
	}
}

// next returns the next event of the receiver, reading from the transport as needed.
func (c *Conn) next(ctx context.Context) (endpoint.Event, error) {
	for {
		ev, err := c.in.parse()
		if err != nil {
			return ev, c.fail(background, err)
		}
		if ev.Kind != endpoint.None {
			return ev, nil
		}
		if err := c.fill(ctx); err != nil {
			return endpoint.Event{}, err
		}
	}
}

// parse returns the next event of what was read; none where that is used up.
func (in *input) parse() (ev endpoint.Event, err error) {
	for len(in.rest) > 0 && ev.Kind == endpoint.None && err == nil {
		var n int
		ev, n, err = in.rcv.Next(in.rest)
		in.rest = in.rest[n:]
	}
	return ev, err
}

// nextDirect reads the next part of the current frame straight to dst, which holds no more than is left of it.
func (c *Conn) nextDirect(ctx context.Context, dst []byte) (ev endpoint.Event, n int, err error) {
	c.in.drop()
	n, err = c.read(ctx, dst)
	if err != nil {
		return ev, 0, c.readFailed(ctx, err)
	}
	ev, err = c.in.rcv.Payload(dst[:n])
	if err != nil {
		return ev, n, c.fail(background, err)
	}
	return ev, n, nil
}

// fill reads what the transport has into an empty buffer, waiting for the first byte.
func (c *Conn) fill(ctx context.Context) error {
	in := c.in
	in.drop()
	n, err := c.read(ctx, nil)
	if err != nil {
		in.drop()
		return c.readFailed(ctx, err)
	}
	in.adapt(n, cap(in.buf.B), c.t.sock == nil)
	in.buf.B = in.buf.B[:n]
	in.rest = in.buf.B
	return nil
}

// read reads once from the transport: to dst or, where that is nil, to a buffer of its own at in.buf. Before it waits, it sends what
// was gathered. It gives up when ctx ends.
func (c *Conn) read(ctx context.Context, dst []byte) (int, error) {
	c.uncork()
	in := c.in
	if ctx.Done() == nil && in.left == nil {
		return c.readOnce(dst)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	d, ok := c.t.w.(readDeadliner)
	if ok && !in.deadlines { // some transports have the method alone
		in.deadlines = d.SetReadDeadline(time.Time{}) == nil
	}
	if !in.deadlines {
		return c.readLeft(ctx, dst)
	}
	settle := interruptible(ctx, func() { d.SetReadDeadline(longAgo) })
	n, err := c.readOnce(dst)
	if settle() {
		if e := d.SetReadDeadline(time.Time{}); e != nil && err == nil {
			err = e
		}
	}
	return n, err
}

func (c *Conn) readOnce(dst []byte) (int, error) {
	in := c.in
	if c.t.sock != nil {
		n, buf, err := c.t.sock.read(dst, in.size)
		if buf != nil {
			in.buf = buf
		}
		return n, err
	}
	if dst == nil {
		in.buf = bufpool.Get(in.size)
		dst = in.buf.B[:cap(in.buf.B)]
	}
	n, err := c.t.read(dst)
	if n > 0 {
		return n, nil // an error will come again
	}
	return 0, err
}

// readFailed tells what an error of the transport means: that the caller's context ended, which the connection survives, or
// that the connection is lost.
func (c *Conn) readFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ctx.Err())) {
		return ctx.Err()
	}
	err = c.end(lost(err))
	c.shut()
	return err
}

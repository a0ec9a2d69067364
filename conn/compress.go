package conn

import (
	"context"
	"errors"
	"net"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// Coding says how a message is sent where permessage-deflate was agreed on (RFC 7692). Where it was not, every message is sent plain.
type Coding uint8

const (
	Auto       Coding = iota // compressed where it is not shorter than deflate.Options.Threshold
	Plain                    // as it is: for what is compressed already, or mixes secrets with what others may choose (RFC 7692 section 8)
	Compressed               // compressed, however short
)

// WriteAs is Write with a choice of the coding.
func (c *Conn) WriteAs(ctx context.Context, op frame.Opcode, p []byte, coding Coding) error {
	if !op.IsData() {
		return errOpcode
	}
	h := frame.Header{Fin: true, Opcode: op}
	if !c.compresses(coding, len(p)) {
		return c.writeFrame(ctx, h, p)
	}
	h.Rsv1 = true
	d := c.sending()
	switch {
	case !d.ContextTakeover:
		return c.writeCompressed(ctx, h, p, d)
	case len(p) > copyLimit:
		return c.writeLargeInContext(ctx, h, p)
	}
	return c.writeInContext(ctx, h, p)
}

// compresses reports whether a message of n bytes is compressed.
func (c *Conn) compresses(coding Coding, n int) bool {
	z := &c.opts.Compression
	switch {
	case !z.Active || z.Options.ReceiveOnly || coding == Plain:
		return false
	case coding == Compressed:
		return true
	}
	return n >= z.Options.CompressFrom()
}

// sending returns what was agreed on for the messages that this side sends.
func (c *Conn) sending() deflate.Direction {
	return direction(c.opts.Compression.Params, c.out.snd.Role())
}

// compressor returns that of the sending side, with context takeover. The caller was admitted, and holds out.mu or has called out.own while it did.
func (c *Conn) compressor() *deflate.Compressor {
	o := &c.out
	if o.deflater == nil {
		z := deflate.NewCompressor(c.sending(), c.opts.Compression.Options)
		o.own().deflater = &z
	}
	return o.deflater
}

// writeCompressed compresses p, which refers to no other message, and sends it. Others may do the same meanwhile.
func (c *Conn) writeCompressed(ctx context.Context, h frame.Header, p []byte, d deflate.Direction) (err error) {
	c.out.mu.Lock()
	err = c.out.refused(ctx) // before the work
	c.out.mu.Unlock()
	if err != nil {
		return err
	}
	b := bufpool.Get(deflate.Bound(len(p)))
	defer b.Release()
	z := deflate.NewCompressor(d, c.opts.Compression.Options)
	if b.B, err = z.Append(b.B, p); err != nil {
		return err
	}
	return c.writeFrame(ctx, h, b.B)
}

// writeInContext compresses p and sends it. The lock is held meanwhile: messages are compressed in the order in which they are on the wire.
func (c *Conn) writeInContext(ctx context.Context, h frame.Header, p []byte) (err error) {
	o := &c.out
	o.mu.Lock()
	if o.driven {
		return c.submitLocked(ctx, outgoing{head: h, payload: p, inContext: true})
	}
	if err := o.admit(ctx, false, false); err != nil {
		o.mu.Unlock()
		return err
	}
	b := bufpool.Get(deflate.Bound(len(p)))
	defer b.Release()
	if b.B, err = c.compressor().Append(b.B, p); err != nil {
		return c.outOfContextLocked(err)
	}
	o.append(h, b.B) // and not sendLocked: it was admitted as a small one, and is one, if it has become a few bytes longer than copyLimit
	return c.flushLocked(ctx)
}

// writeLargeInContext does the same for a message that takes too long for the lock to be held: others wait as for a NextWriter's.
func (c *Conn) writeLargeInContext(ctx context.Context, h frame.Header, p []byte) (err error) {
	o := &c.out
	o.mu.Lock()
	if o.driven {
		return c.submitLocked(ctx, outgoing{head: h, payload: p, inContext: true})
	}
	if err := o.admit(ctx, true, false); err != nil {
		o.mu.Unlock()
		return err
	}
	o.message = true
	o.own() // for the compressor
	o.mu.Unlock()
	defer c.messageDone()
	b := bufpool.Get(deflate.Bound(len(p)))
	defer b.Release()
	if b.B, err = c.compressor().Append(b.B, p); err != nil {
		return c.outOfContext(err)
	}
	o.mu.Lock()
	if err := o.admitPart(ctx, len(b.B) > copyLimit); err != nil {
		o.mu.Unlock()
		return c.outOfContext(err)
	}
	return c.sendLocked(ctx, h, b.B)
}

// messageDone lets the next message begin.
func (c *Conn) messageDone() {
	o := &c.out
	o.mu.Lock()
	o.message = false
	o.wake()
	if o.driven {
		c.pumpLocked() // what was queued behind the message
		return
	}
	o.mu.Unlock()
}

// outOfContext ends the connection after a message that was compressed, or begun, and did not leave: what follows it would refer back to it. Where
// the closing handshake has begun, nothing will follow. It returns err.
func (c *Conn) outOfContext(err error) error {
	if !errors.Is(err, net.ErrClosed) {
		c.end(lost(err))
		c.shut()
	}
	return err
}

// outOfContextLocked does the same with out.mu held, which it releases when nobody can be admitted any more.
func (c *Conn) outOfContextLocked(err error) error {
	c.endLocked(lost(err))
	c.out.mu.Unlock()
	c.shut()
	return err
}

package conn

import (
	"context"
	"net"
	"sync"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/frame"
)

// writeLargeLocked sends a data frame whose payload is too long to be copied whole, behind all that is pending. No other goroutine is writing. out.mu is held
// on entry and released on return.
func (c *Conn) writeLargeLocked(ctx context.Context, h frame.Header, p []byte) error {
	o := &c.out
	o.room(frame.MaxHeaderLen)
	var key frame.Key
	o.pending.B, key = o.snd.AppendHeader(o.pending.B, h, len(p))
	head := o.pending
	o.pending = nil
	o.busy = true
	o.mu.Unlock()
	var err error
	if o.snd.Masks() {
		err = c.writeMasked(ctx, head, p, key)
	} else {
		err = c.writeVector(ctx, head, p)
	}
	return c.finishWriting(ctx, err)
}

// vector is a frame for one system call: header and payload.
type vector struct {
	parts [2][]byte
	rest  net.Buffers
}

var vectors = sync.Pool{New: func() any { return new(vector) }}

// writeVector writes head and p, in one system call where the transport can do that, and releases head. Elsewhere a part of p goes with the head, which
// would be a TLS record of its own else.
func (c *Conn) writeVector(ctx context.Context, head *bufpool.Buffer, p []byte) error {
	if c.t.sock == nil {
		head.Grow(copyLimit)
		head.B = append(head.B, p[:copyLimit]...)
		p = p[copyLimit:]
	}
	v := vectors.Get().(*vector)
	v.parts = [2][]byte{head.B, p}
	v.rest = v.parts[:]
	err := c.waitWriting(ctx, func() error {
		_, err := v.rest.WriteTo(c.t.w)
		return err
	})
	*v = vector{}
	vectors.Put(v)
	head.Release()
	return err
}

// writeMasked writes head and a masked copy of p, a part at a time, and releases head.
func (c *Conn) writeMasked(ctx context.Context, head *bufpool.Buffer, p []byte, key frame.Key) error {
	pos := 0
	for {
		start := len(head.B)
		part := p[:min(len(p), maskPart)]
		p = p[len(part):]
		head.Grow(len(part))
		head.B = append(head.B, part...)
		pos = frame.Mask(head.B[start:], key, pos)
		if err := c.writeBatch(ctx, head); err != nil || len(p) == 0 {
			return err
		}
		head = bufpool.Get(min(len(p), maskPart))
	}
}

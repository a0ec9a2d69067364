package conn

import (
	"context"
	"io"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// messageReader reads one message as it arrives. It is current as long as it is c.in.stream, a field of the reading side.
type messageReader struct {
	c        *Conn
	ctx      context.Context
	chunk    []byte // the part that was received and not yet read, in c.in.buf; nil where the message is compressed
	fin      bool   // nothing comes behind chunk
	deflated bool   // the message is compressed, and what was received of it is in the hands of c.in.inflater
	done     bool   // io.EOF was returned
	stale    bool   // another call came, which may have given back what chunk was in
}

// NextReader returns the type of the next message and a reader of its data, which returns io.EOF at the message's end. It holds at most
// one read buffer, however long the message; of a long frame it reads straight into the caller's slice. Text is checked to be UTF-8 as
// it arrives: bytes that were read before the message's end may turn out to be the beginning of invalid text. A compressed message is inflated as it
// is read; its end may be up to 32 KiB behind what has arrived, until it is whole or the peer has flushed.
//
// ctx bounds NextReader and the reads from the reader, and a read that it interrupted may be tried again with a new call of NextReader only, which
// skips what was left of the message. The reader is valid until the next call that reads from the connection.
func (c *Conn) NextReader(ctx context.Context) (frame.Opcode, io.Reader, error) {
	if err := c.enter(ctx); err != nil {
		return 0, nil, err
	}
	defer c.leave(free)
	if err := c.finishLast(ctx); err != nil {
		return 0, nil, err
	}
	in := c.in
	r := &messageReader{c: c, ctx: ctx}
	if in.asm.Open() { // a Read gave up in the middle of this message
		in.whole = in.asm.Take()
		op, deflated := in.rcv.Message()
		if err := r.begin(in.whole.B, deflated, false); err != nil {
			return 0, nil, err
		}
		return op, r, nil
	}
	for {
		ev, err := c.nextPart(ctx, nil)
		if err != nil {
			return 0, nil, err
		}
		if ev.Kind == endpoint.Data {
			if err := r.begin(ev.Data, ev.Rsv1, ev.Fin); err != nil {
				return 0, nil, err
			}
			c.cork()
			return ev.Op, r, nil
		}
	}
}

// begin makes r the reader of the message that is in progress, of which the given part was received.
func (r *messageReader) begin(part []byte, deflated, fin bool) error {
	r.c.in.stream = r
	r.deflated = deflated
	if deflated {
		if err := r.c.decompressor().Write(part, fin); err != nil {
			return r.c.inflateFailed(err)
		}
		return nil
	}
	r.chunk, r.fin = part, fin
	return nil
}

// nextPart returns the next part of a data message, or None, after it has done what a control frame asks for. Where it can, it reads the part to dst.
func (c *Conn) nextPart(ctx context.Context, dst []byte) (ev endpoint.Event, err error) {
	in := c.in
	if n := min(in.rcv.Remaining(), int64(len(dst))); n >= directRead && len(in.rest) == 0 {
		ev, _, err = c.nextDirect(ctx, dst[:n])
	} else {
		ev, err = c.next(ctx)
	}
	if err != nil || ev.Kind == endpoint.Data {
		return ev, err
	}
	return endpoint.Event{}, c.control(background, ev)
}

// Read reads from the message.
func (r *messageReader) Read(p []byte) (int, error) {
	c := r.c
	if err := c.enter(r.ctx); err != nil {
		return 0, err
	}
	defer c.leave(free)
	in := c.in
	for {
		switch {
		case r.done:
			return 0, io.EOF
		case in.stream != r || r.stale:
			return 0, errStaleReader
		case len(r.chunk) > 0:
			n := copy(p, r.chunk)
			r.chunk = r.chunk[n:]
			return n, nil
		case r.fin:
			in.stream, r.done = nil, true
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		if err := c.ended(); err != nil {
			return 0, err
		}
		if r.deflated {
			n, err := r.readInflated(r.ctx, p)
			if err == io.EOF {
				in.stream, r.done = nil, true
				in.retire()
				if n > 0 {
					err = nil
				}
			}
			return n, err
		}
		ev, err := c.nextPart(r.ctx, p)
		if err != nil {
			return 0, err
		}
		if ev.Kind != endpoint.Data {
			continue
		}
		r.fin = ev.Fin
		c.cork()
		if len(ev.Data) > 0 && &ev.Data[0] == &p[0] {
			return len(ev.Data), nil
		}
		r.chunk = ev.Data
	}
}

// skip drops what is left of the message.
func (r *messageReader) skip(ctx context.Context) error {
	if r.deflated {
		return r.skipInflated(ctx)
	}
	for !r.fin {
		ev, err := r.c.nextPart(ctx, nil)
		if err != nil {
			return err
		}
		r.fin = ev.Fin
	}
	r.c.in.stream = nil
	return nil
}

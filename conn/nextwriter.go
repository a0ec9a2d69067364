package conn

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/frame"
)

// messageWriter writes one message in fragments. Only one exists at a time per connection: output.message.
type messageWriter struct {
	c   *Conn
	ctx context.Context
	op  frame.Opcode
	buf *bufpool.Buffer // what is not sent yet; nil: nothing
	err error           // what ended the writing, for ever

	begun bool // the first fragment was sent
}

// NextWriter begins a message whose length need not be known. What is written is sent in fragments of about 16 KiB, longer
// ones as they come, and Close sends the last; a message that fits one fragment is not fragmented. Until Close, other goroutines'
// messages wait (control frames do not), so Close must be called. The bytes given to Write are neither kept nor changed.
//
// ctx bounds NextWriter, the writes and Close; where it ends in the middle of the message, the connection is ended, since no
// other message could follow half of one.
func (c *Conn) NextWriter(ctx context.Context, op frame.Opcode) (io.WriteCloser, error) {
	if !op.IsData() {
		return nil, errOpcode
	}
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.admit(ctx, true, false); err != nil {
		return nil, err
	}
	o.message = true
	return &messageWriter{c: c, ctx: ctx, op: op}, nil
}

// Write adds p to the message.
func (w *messageWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.buf != nil && len(w.buf.B) > 0 && len(w.buf.B)+len(p) > copyLimit {
		if err := w.send(false, w.buf.B); err != nil {
			return 0, err
		}
		w.buf.B = w.buf.B[:0]
	}
	if len(p) > copyLimit {
		if err := w.send(false, p); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if w.buf == nil {
		w.buf = bufpool.Get(len(p))
	}
	w.buf.Grow(len(p))
	w.buf.B = append(w.buf.B, p...)
	return len(p), nil
}

// Close sends the last fragment.
func (w *messageWriter) Close() error {
	if w.err != nil {
		return w.err
	}
	var rest []byte
	if w.buf != nil {
		rest = w.buf.B
	}
	err := w.send(true, rest)
	if err == nil {
		w.finish(errWriterClosed)
	}
	return err
}

// send sends one fragment. Where that fails, the message is over, and so is the connection if part of the message has left. Where the
// closing handshake has begun, it goes on: nothing will follow that part.
func (w *messageWriter) send(fin bool, p []byte) error {
	op := w.op
	if w.begun {
		op = frame.Continuation
	}
	w.c.out.mu.Lock()
	err := w.c.out.admitPart(w.ctx, len(p) > copyLimit)
	if err == nil {
		err = w.c.sendLocked(w.ctx, op, fin, p)
	} else {
		w.c.out.mu.Unlock()
	}
	if err == nil {
		w.begun = true
		return nil
	}
	if w.begun && !errors.Is(err, net.ErrClosed) {
		w.c.end(lost(err))
		w.c.shut()
	}
	w.finish(err)
	return err
}

// finish lets the next message begin. Later calls return err.
func (w *messageWriter) finish(err error) {
	w.err = err
	if w.buf != nil {
		w.buf.Release()
		w.buf = nil
	}
	o := &w.c.out
	o.mu.Lock()
	o.message = false
	o.wake()
	o.mu.Unlock()
}

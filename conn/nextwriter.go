package conn

import (
	"context"
	"io"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// messageWriter writes one message in fragments. Only one exists at a time per connection: output.message.
//
// Where the message may be compressed, it is undecided first: what is written gathers in buf, as it is, until there is enough of it. Compression and what it
// gives out take its place then.
type messageWriter struct {
	c    *Conn
	ctx  context.Context
	head frame.Header    // of the next fragment
	buf  *bufpool.Buffer // what is not sent yet; nil: nothing
	err  error           // what ended the writing, for ever

	begun  bool // the first fragment was sent
	coding Coding
	z      *deflate.Compressor // nil: the message is not, or not yet, being compressed
}

// NextWriter begins a message whose length need not be known. What is written is sent in fragments of about 16 KiB, longer
// ones as they come, and Close sends the last; a message that fits one fragment is not fragmented. Until Close, other goroutines'
// messages wait (control frames do not), so Close must be called. The bytes given to Write are neither kept nor changed.
//
// Where permessage-deflate was agreed on, the message is compressed as it is written, if it is not shorter than
// deflate.Options.Threshold or 16 KiB, whichever is less; fragments are of about 16 KiB of what that gives out.
//
// On a driven connection (Driver) nothing waits. Other messages are queued until Close; a second NextWriter meanwhile is an error. A write while more than
// Options.WriteQueue bytes are not yet sent takes nothing of p and returns ErrQueueFull, and may be tried again when OnDrain was called.
//
// ctx bounds NextWriter, the writes and Close; where it ends in the middle of the message, the connection is ended, since no
// other message could follow half of one.
func (c *Conn) NextWriter(ctx context.Context, op frame.Opcode) (io.WriteCloser, error) {
	return c.NextWriterAs(ctx, op, Auto)
}

// NextWriterAs is NextWriter with a choice of the coding.
func (c *Conn) NextWriterAs(ctx context.Context, op frame.Opcode, coding Coding) (io.WriteCloser, error) {
	if !op.IsData() {
		return nil, errOpcode
	}
	switch {
	case !c.compresses(Compressed, 0):
		coding = Plain
	case c.compresses(coding, 0):
		coding = Compressed
	}
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.driven {
		if err := c.admitStream(ctx); err != nil {
			return nil, err
		}
	} else if err := o.admit(ctx, true, false); err != nil {
		return nil, err
	}
	o.message = true
	if coding != Plain {
		o.own() // for the compressor
	}
	return &messageWriter{c: c, ctx: ctx, head: frame.Header{Opcode: op}, coding: coding}, nil
}

// Write adds p to the message.
func (w *messageWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if err := w.c.partRefused(); err != nil {
		return 0, err
	}
	have := len(p)
	if w.buf != nil {
		have += len(w.buf.B)
	}
	var err error
	switch {
	case w.z != nil:
		err = w.compress(p)
	case w.coding == Plain:
		err = w.writePlain(p)
	case w.coding == Compressed || have >= min(w.c.opts.Compression.Options.CompressFrom(), copyLimit):
		if err = w.startCompressing(); err == nil {
			err = w.compress(p)
		}
	default:
		w.gather(p)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *messageWriter) writePlain(p []byte) error {
	if w.buf != nil && len(w.buf.B) > 0 && len(w.buf.B)+len(p) > copyLimit {
		if err := w.sendBuf(); err != nil {
			return err
		}
	}
	if len(p) > copyLimit {
		return w.send(false, p)
	}
	w.gather(p)
	return nil
}

// gather puts p behind what is not sent yet.
func (w *messageWriter) gather(p []byte) {
	if w.buf == nil {
		w.buf = bufpool.Get(len(p))
	}
	w.buf.Grow(len(p))
	w.buf.B = append(w.buf.B, p...)
}

// startCompressing decides that the message is compressed: what has gathered, too.
func (w *messageWriter) startCompressing() error {
	w.head.Rsv1 = true
	if w.c.sending().ContextTakeover {
		w.z = w.c.compressor()
	} else {
		z := deflate.NewCompressor(w.c.sending(), w.c.opts.Compression.Options)
		w.z = &z
	}
	gathered := w.buf
	w.buf = bufpool.Get(copyLimit)
	if gathered == nil {
		return nil
	}
	defer gathered.Release()
	return w.compress(gathered.B)
}

// compress compresses p, in parts that give out a fragment or little more, and sends what is enough for one.
func (w *messageWriter) compress(p []byte) (err error) {
	for len(p) > 0 {
		part := p[:min(len(p), maskPart)]
		p = p[len(part):]
		if w.buf.B, err = w.z.Write(w.buf.B, part); err != nil {
			return w.fail(err)
		}
		if len(w.buf.B) >= copyLimit {
			if err := w.sendBuf(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close sends the last fragment.
func (w *messageWriter) Close() (err error) {
	if w.err != nil {
		return w.err
	}
	if w.z == nil && w.coding == Compressed {
		if err := w.startCompressing(); err != nil {
			return err
		}
	}
	if w.z != nil {
		if w.buf.B, err = w.z.End(w.buf.B); err != nil {
			return w.fail(err)
		}
	}
	var rest []byte
	if w.buf != nil {
		rest = w.buf.B
	}
	err = w.send(true, rest)
	if err == nil {
		w.finish(errWriterClosed)
	}
	return err
}

// sendBuf sends what has gathered as a fragment that is not the last.
func (w *messageWriter) sendBuf() error {
	if err := w.send(false, w.buf.B); err != nil {
		return err
	}
	w.buf.B = w.buf.B[:0]
	return nil
}

// send sends one fragment.
func (w *messageWriter) send(fin bool, p []byte) error {
	w.head.Fin = fin
	w.c.out.mu.Lock()
	err := w.c.out.admitPart(w.ctx, len(p) > copyLimit)
	if err == nil {
		err = w.c.sendLocked(w.ctx, w.head, p)
	} else {
		w.c.out.mu.Unlock()
	}
	if err == nil {
		w.begun = true
		w.head = frame.Header{Opcode: frame.Continuation}
		return nil
	}
	return w.fail(err)
}

// fail ends the message, and the connection where part of it has left or what follows would refer back to it.
func (w *messageWriter) fail(err error) error {
	if w.begun || w.z != nil && w.c.sending().ContextTakeover {
		w.c.outOfContext(err)
	}
	w.finish(err)
	return err
}

// finish lets the next message begin. Later calls return err.
func (w *messageWriter) finish(err error) {
	w.err = err
	if w.z != nil {
		w.z.Close()
	}
	if w.buf != nil {
		w.buf.Release()
		w.buf = nil
	}
	w.c.messageDone()
}

package conn

import (
	"bytes"
	"context"
	"sync"

	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// Prepared is a message that is sent to many connections: framed once, and compressed once for each set of parameters that was agreed on. Any number of goroutines
// may send it at the same time.
type Prepared struct {
	op    frame.Opcode
	plain []byte // a server's frame
	data  []byte // its payload

	mu         sync.Mutex // guards compressed
	compressed map[preparedKey]*preparedForm
}

// preparedKey is what the compressed form depends on.
type preparedKey struct {
	level, bits int
}

// preparedForm is a compressed form, made by the first that needs it while others wait.
type preparedForm struct {
	once    sync.Once
	frame   []byte // a server's
	payload []byte // of it
	err     error
}

// NewPrepared returns a message with the given type and content. p is copied.
func NewPrepared(op frame.Opcode, p []byte) (*Prepared, error) {
	if !op.IsData() {
		return nil, errOpcode
	}
	m := &Prepared{op: op}
	m.plain, m.data = frameOf(frame.Header{Fin: true, Opcode: op}, bytes.Clone(p))
	return m, nil
}

// frameOf returns the frame that a server sends, and the payload in it.
func frameOf(h frame.Header, p []byte) (whole, payload []byte) {
	h.Length = int64(len(p))
	whole = frame.AppendHeader(make([]byte, 0, frame.MaxHeaderLen+len(p)), h)
	head := len(whole)
	whole = append(whole, p...)
	return whole, whole[head:]
}

// form returns the compressed form for d, which refers back to nothing, so that it is good on connections with context takeover, too.
func (m *Prepared) form(d deflate.Direction, o deflate.Options) *preparedForm {
	d.ContextTakeover = false
	key := preparedKey{level: max(o.Level, deflate.DefaultLevel), bits: int(d.WindowBits)}
	m.mu.Lock()
	f := m.compressed[key]
	if f == nil {
		if m.compressed == nil {
			m.compressed = make(map[preparedKey]*preparedForm)
		}
		f = &preparedForm{}
		m.compressed[key] = f
	}
	m.mu.Unlock()
	f.once.Do(func() {
		z := deflate.NewCompressor(d, o)
		var p []byte
		if p, f.err = z.Append(nil, m.data); f.err == nil {
			f.frame, f.payload = frameOf(frame.Header{Fin: true, Rsv1: true, Opcode: m.op}, p)
		}
	})
	return f
}

// WritePrepared sends p as Write would, compressed where Write would compress it. With context takeover the compressed form does not make use of
// earlier messages, which costs some of the ratio and saves the work.
func (c *Conn) WritePrepared(ctx context.Context, p *Prepared) error {
	if !p.op.IsData() {
		return errOpcode // a Prepared that NewPrepared has not made
	}
	h := frame.Header{Fin: true, Opcode: p.op}
	whole, payload := p.plain, p.data
	takeover := false
	if c.compresses(Auto, len(p.data)) {
		d := c.sending()
		f := p.form(d, c.opts.Compression.Options)
		if f.err != nil {
			return f.err
		}
		h.Rsv1, whole, payload, takeover = true, f.frame, f.payload, d.ContextTakeover
	}
	o := &c.out
	o.mu.Lock()
	if o.driven {
		m := outgoing{head: h, payload: payload, shared: true}
		if takeover {
			m.observe = p.data
		}
		return c.submitLocked(ctx, m)
	}
	large := len(payload) > copyLimit
	if err := o.admit(ctx, large, large); err != nil {
		o.mu.Unlock()
		return err
	}
	if takeover {
		if err := c.compressor().Observe(p.data); err != nil {
			return c.outOfContextLocked(err)
		}
	}
	if large || o.snd.Masks() {
		return c.sendLocked(ctx, h, payload)
	}
	o.room(len(whole))
	o.pending.B = append(o.pending.B, whole...)
	return c.flushLocked(ctx)
}

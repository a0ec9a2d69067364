package conn

import (
	"sync"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
)

// inputs has those that driven connections at rest have given back. They are good for connections with the same settings.
var inputs sync.Pool

// takeInput returns the receiving side of a driven connection.
func (c *Conn) takeInput() *input {
	if c.in != nil {
		return c.in
	}
	role := c.out.snd.Role()
	in, _ := inputs.Get().(*input)
	if in == nil || in.opts != c.opts || in.role != role {
		in = c.newInput()
	}
	c.in = in
	return in
}

// giveInput gives the receiving side back where it has nothing to remember, or will not be needed again.
func (c *Conn) giveInput() {
	in := c.in
	switch {
	case c.is(over):
		in.clear()
		c.in = nil
	case len(in.rest) > 0:
		if in.buf == nil {
			in.hold(nil)
		}
	case in.remembers():
		in.drop()
	default:
		in.drop()
		c.in = nil
		inputs.Put(in)
	}
}

func (in *input) remembers() bool {
	return !in.rcv.Idle() || in.asm.Open() || in.inflater != nil && direction(in.opts.Compression.Params, in.role.Peer()).ContextTakeover
}

// hold copies what is unread, and p behind it, to memory of its own.
func (in *input) hold(p []byte) {
	if b := in.buf; b != nil { // which has it already: an owner may feed piece after piece
		taken := len(b.B) - len(in.rest)
		if taken > len(in.rest) { // some may always be left: what is done must not stay in front of it for ever
			b.B, taken = b.B[:copy(b.B, in.rest)], 0
		}
		b.Grow(len(p))
		b.B = append(b.B, p...)
		in.rest = b.B[taken:]
		return
	}
	b := bufpool.Get(len(in.rest) + len(p))
	b.B = append(append(b.B, in.rest...), p...)
	in.drop()
	in.buf, in.rest = b, b.B
}

// clear gives up all that the receiving side holds.
func (in *input) clear() {
	in.retire()
	in.drop()
	in.asm.Drop()
	if in.inflater != nil {
		in.inflater.Close()
	}
}

// feed hands out what is unread, as far as it goes.
func (c *Conn) feed() error {
	s := server{c: c, ev: c.ev}
	defer func() { // a function that ends its goroutine comes by here, too
		c.uncork()
		c.giveInput()
	}()
	s.run(s.feed)
	return s.err
}

// feed is loop for a driven connection: it returns nil when the input is used up, or held back.
func (s *server) feed() error {
	c := s.c
	if !s.first() {
		return c.ended()
	}
	in := c.in
	for {
		if c.congested() {
			c.state.Or(paused)
			return nil
		}
		ev, err := in.parse()
		if err != nil {
			return c.fail(background, err)
		}
		if ev.Kind == endpoint.None {
			return nil
		}
		in.keep(ev)
		whole, err := c.gather(&ev)
		if err != nil {
			return err
		}
		if !whole {
			continue
		}
		if ev.Kind != endpoint.Data {
			if err := c.control(background, ev); err != nil {
				return err
			}
		}
		if !s.call(ev) {
			return c.ended()
		}
	}
}

// first calls OnOpen, if that was not done. It returns false when the connection has ended meanwhile.
func (s *server) first() bool {
	if s.c.is(opened) {
		return true
	}
	s.c.state.Or(opened)
	return s.open()
}

// drained calls OnDrain.
func (c *Conn) drained() error {
	s := server{c: c, ev: c.ev}
	s.run(func() error {
		if !s.first() {
			return c.ended()
		}
		s.lend()
		s.ev.OnDrain(c)
		if !s.back() {
			return c.ended()
		}
		return nil
	})
	return s.err
}

package conn

import (
	"context"
	"io"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// inflateGuess is how many times longer than its payload the content of a compressed message is taken to be, until more is known.
const inflateGuess = 4

// direction returns what was agreed on for the messages that the given role sends.
func direction(p deflate.Params, from frame.Role) deflate.Direction {
	if from == frame.Server {
		return p.Server()
	}
	return p.Client()
}

// decompressor returns that of the receiving side, which is made for the first compressed message.
func (c *Conn) decompressor() *deflate.Decompressor {
	in := c.in
	if in.inflater == nil {
		d := deflate.NewDecompressor(direction(c.opts.Compression.Params, c.out.snd.Role().Peer()))
		in.inflater = &d
	}
	return in.inflater
}

// inflate returns the content of a whole compressed message.
func (c *Conn) inflate(payload []byte) (*bufpool.Buffer, error) {
	in := c.in
	d := c.decompressor()
	err := d.Write(payload, true)
	var content endpoint.Pieces
	for err == nil {
		var n int
		room := content.Room(inflateGuess * len(payload))
		if n, err = d.Read(room); err == nil || err == io.EOF {
			if broken := in.rcv.Inflated(room[:n], err == io.EOF); broken != nil {
				err = broken
			}
			content.Added(n)
		}
	}
	if err == io.EOF {
		return content.Take(), nil
	}
	content.Drop()
	return nil, c.inflateFailed(err)
}

// inflateFailed fails the connection after an error in a compressed message.
func (c *Conn) inflateFailed(err error) error {
	c.in.inflater.Close()
	if _, ok := err.(*frame.Error); !ok {
		err = c.in.rcv.Malformed()
	}
	return c.fail(background, err)
}

// readInflated reads from the content of the current message, whose compressed payload comes part by part.
func (r *messageReader) readInflated(ctx context.Context, p []byte) (int, error) {
	c := r.c
	for {
		n, err := c.in.inflater.Read(p)
		switch {
		case err == deflate.ErrInput:
			ev, err := c.nextPart(ctx, nil)
			if err != nil {
				return 0, err
			}
			if ev.Kind == endpoint.Data && (len(ev.Data) > 0 || ev.Fin) {
				if err := c.in.inflater.Write(ev.Data, ev.Fin); err != nil {
					return 0, c.inflateFailed(err)
				}
				c.cork()
			}
			continue
		case err != nil && err != io.EOF:
			return 0, c.inflateFailed(err)
		}
		if broken := c.in.rcv.Inflated(p[:n], err == io.EOF); broken != nil {
			return 0, c.inflateFailed(broken)
		}
		return n, err
	}
}

// skipInflated drops what is left of a compressed message. Its content is looked at all the same: messages to come may refer back to it.
func (r *messageReader) skipInflated(ctx context.Context) error {
	b := bufpool.Get(minReadBuffer)
	defer b.Release()
	var err error
	for err == nil {
		_, err = r.readInflated(ctx, b.B[:cap(b.B)])
	}
	if err != io.EOF {
		return err
	}
	r.c.in.stream = nil
	r.c.in.retire()
	return nil
}

// tidy ends what a message that nobody will read on with would keep running, once the connection has ended. Where someone has the reading side, leave calls it.
func (c *Conn) tidy() {
	if c.reading.CompareAndSwap(free, held) {
		if c.in.inflater != nil {
			c.in.inflater.Close()
		}
		c.reading.Store(free)
	}
}

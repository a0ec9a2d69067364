package conn

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// Conn is one end of a WebSocket connection. One goroutine at a time may read from it (Read, NextReader, Messages, Serve); any
// number of goroutines may call the other methods at any time.
//
// Lock order: whoever holds the reading side may take out.mu, never the other way round. No lock is held over a callback or a
// call of the transport.
type Conn struct {
	t    transport
	opts *Options

	reading atomic.Int32  // who has the reading side: free, held, lent, fed or called
	state   atomic.Uint32 // see below

	in  *input // owned by the holder of the reading side; nil for a driven connection at rest
	out output // guarded by out.mu

	ev *Events // those of a driven connection
}

// The bits of Conn.state.
const (
	shutting uint32 = 1 << iota // a Shutdown waits for the reading side, or has it
	over                        // out.end is set
	waiting                     // out.blocked is set
	opened                      // a driven connection's OnOpen was called
	paused                      // its input is held back: the queue is over its high-water mark
	loose                       // what gathered has left, because the handler of the current message takes long
)

func (c *Conn) is(state uint32) bool { return c.state.Load()&state != 0 }

// New returns the end of a connection over rwc on which the opening handshake is done. The Conn owns rwc from then on and closes it.
//
// Any io.ReadWriteCloser will do whose Close makes a Read that waits return. One that also has SetReadDeadline, SetWriteDeadline and
// CloseWrite, as a net.Conn does, is used better; on TCP and Unix sockets an idle connection holds no read buffer.
func New(rwc io.ReadWriteCloser, role frame.Role, opts *Options) *Conn {
	o := opts.withDefaults()
	c := &Conn{t: transport{w: rwc, sock: newSocket(rwc)}, opts: o}
	c.out.init(role)
	c.in = c.newInput()
	c.in.size = waitingBuffer
	if c.t.sock != nil {
		c.in.size = minReadBuffer
	}
	return c
}

func (c *Conn) newInput() *input {
	return &input{rcv: c.newReceiver(), opts: c.opts, role: c.out.snd.Role()}
}

func (c *Conn) newReceiver() endpoint.Receiver {
	return endpoint.NewReceiver(endpoint.Config{
		From:       c.out.snd.Role().Peer(),
		MaxMessage: c.opts.MaxMessage,
		SkipUTF8:   c.opts.SkipUTF8Check,
		Deflate:    c.opts.Compression.Active,
	})
}

// Subprotocol returns what the opening handshake agreed on, "" for none (RFC 6455 section 1.9).
func (c *Conn) Subprotocol() string { return c.opts.Subprotocol }

// Compression returns the parameters of permessage-deflate that the opening handshake agreed on; ok is false where it agreed on none (RFC 7692).
func (c *Conn) Compression() (p deflate.Params, ok bool) {
	return c.opts.Compression.Params, c.opts.Compression.Active
}

// NetConn returns the transport that New was given, nil where that is no net.Conn. Its addresses and socket options are what it is for: reading from it or
// writing to it breaks the connection.
func (c *Conn) NetConn() net.Conn {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	nc, _ := c.t.w.(net.Conn)
	return nc
}

// SetWriteDeadline sets the time at which writes that wait for the peer give up, now and in future; the zero time
// means never. A write that was cut off leaves half a frame, so it ends the connection. A transport without write deadlines gives an error that is
// errors.ErrUnsupported, a connection that has ended its end.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	o := &c.out
	o.mu.Lock() // held over the call, which does not wait, so that the last deadline stands
	defer o.mu.Unlock()
	d, ok := c.t.w.(writeDeadliner)
	switch {
	case !ok && !o.driven:
		return errNoDeadline
	case o.end != nil:
		return o.end // what closes the connection has bounds of its own
	}
	o.own().deadline = t
	if o.driven {
		c.watchDeadline()
		return nil
	}
	if o.interrupted {
		return nil // it is set when the write has given up
	}
	return d.SetWriteDeadline(t)
}

// background is the context of what nobody can call off but by closing the connection.
var background = context.Background()

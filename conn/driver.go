package conn

import (
	"context"
	"io"
	"net"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// Driver is a connection as it looks to what drives it: an event loop, or anything else that comes by the peer's bytes in a way of its own. It takes
// the place of the goroutine that reads: bytes that arrive are given to Feed, which calls the functions of Events for what they amount to. Between
// those calls the connection holds neither a goroutine nor a buffer.
//
// Handlers see the Conn, which is the same object. Its writes never wait: what the transport does not take is queued (Options.WriteQueue).
// Read, NextReader, Messages and Serve return an error.
//
// All methods but Conn must be called by one goroutine at a time, the owner for that moment, and not from a function of Events.
//
// # The transport
//
// Its Write takes what it can without waiting. Where that is not all, it returns how many bytes with ErrWouldBlock; no other call follows until
// the owner has called Writable. Calls come one at a time, from any goroutine. Its Close must not wait either. It is called once, at any moment, from any
// goroutine, also while a Write runs, and tells the owner to call End. Where it has a method CloseWrite() error that closes one
// direction, that is used when a connection is closed, so that the peer reads our Close frame and an end of stream, not a reset.
type Driver Conn

// NewDriver returns the driver of a new connection on which the opening handshake is done, over a transport that takes bytes without waiting. ev may be
// nil; opts are copied.
func NewDriver(w io.WriteCloser, role frame.Role, ev *Events, opts *Options) *Driver {
	c := &Conn{t: transport{w: w}, opts: opts.withDefaults()}
	c.out.init(role)
	c.startDriving(ev)
	return (*Driver)(c)
}

// Drive turns a connection that nobody reads from into one that is driven. w takes the place of its transport, which is not closed. What
// Unread has put in front is handed out by the first Feed. It returns an error where the connection has ended or someone reads from it.
// It waits for a write to the old transport that is under way, and reads the rest of a message of which NextReader has read a part.
func (c *Conn) Drive(w io.WriteCloser, ev *Events) (*Driver, error) {
	if err := c.enter(background); err != nil {
		return nil, err
	}
	err := c.finishLast(background)
	if err == nil && c.in.left != nil {
		err = errConcurrentRead
	}
	o := &c.out
	o.mu.Lock()
	for o.busy && err == nil { // with the old transport
		err = o.waitLocked(background)
	}
	if err == nil {
		err = o.end
	}
	if err != nil {
		o.mu.Unlock()
		c.leave(free)
		return nil, err
	}
	o.corked = false
	c.t = transport{w: w}
	c.in.corked, c.in.flush = false, true
	c.startDriving(ev)
	o.mu.Unlock()
	return (*Driver)(c), nil
}

func (c *Conn) startDriving(ev *Events) {
	if ev == nil {
		ev = &noEvents
	}
	c.ev = ev
	c.out.driven = true
	c.reading.Store(fed)
}

var noEvents Events // never written

// Conn returns the connection.
func (d *Driver) Conn() *Conn { return (*Conn)(d) }

// Feed takes the next bytes that the peer has sent and calls the functions of Events for what they amount to. The first call, which may be one without
// bytes, calls OnOpen before. p is changed, and not kept after the return.
//
// It returns nil as long as the connection goes on, then why it ended. From then on input is dropped, and the transport is closed when the peer has
// closed its side or after a second: Feed and Writable are to be called as before until then.
func (d *Driver) Feed(p []byte) error {
	c := (*Conn)(d)
	if c.is(over) {
		return c.discard(len(p))
	}
	in := c.takeInput()
	if c.is(paused) || len(in.rest) > 0 {
		in.hold(p)
	} else {
		in.rest = p
	}
	if c.is(paused) {
		c.giveInput()
		return nil
	}
	return c.feed()
}

// Paused reports whether the queue of what the peer does not read is over its high-water mark: the transport is not to be read from until Writable has
// changed that.
func (d *Driver) Paused() bool { return (*Conn)(d).state.Load()&(paused|over) == paused }

// Writable says that the transport takes bytes again after it has returned ErrWouldBlock. What is queued is sent; OnDrain is called when all of it has left.
// Input that was held back while the driver was paused is handed out, as by Feed, whose error it returns.
func (d *Driver) Writable() error {
	c := (*Conn)(d)
	drained := c.unblock()
	if c.is(over) {
		return c.ended()
	}
	if drained && c.ev.OnDrain != nil {
		if err := c.drained(); err != nil {
			return err
		}
	}
	if !c.is(paused) || c.is(waiting) && c.Buffered() > c.opts.HighWater/2 {
		return nil
	}
	c.state.And(^paused)
	c.takeInput() // none was kept where nothing of it was left
	return c.feed()
}

// Shutdown begins the closing handshake, as Conn.Shutdown does, and does not wait for its end, which OnClose tells. When ctx or Options.CloseTimeout
// ends first, the transport is closed.
func (d *Driver) Shutdown(ctx context.Context, code closecode.Code, reason string) error {
	if err := checkClose(code, reason); err != nil {
		return err
	}
	c := (*Conn)(d)
	if err := c.startClosing(code, reason); err != nil {
		return err
	}
	c.boundClosing(ctx)
	return nil
}

// End says that nothing more comes from the peer, because it has closed its side (io.EOF) or reading failed (err), or because the transport was closed by
// its Close (any error, or nil). The connection ends, its transport is closed, and OnClose called. It returns true then, and no method
// may be called again. It returns false where the peer has closed its side alone and something is still to be sent to it: Writable is to be
// called as before, and End again when the transport was closed, which happens after a second at the latest.
func (d *Driver) End(err error) bool {
	c := (*Conn)(d)
	if err == io.EOF && c.lastWords() {
		return false
	}
	if err == nil {
		err = net.ErrClosed
	}
	c.end(lost(err))
	c.shut()
	if c.in != nil {
		c.in.clear()
		c.in = nil
	}
	s := server{c: c, ev: c.ev}
	s.onClose(c.ended())
	return true
}

//go:build linux

package pace

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Run sends until ctx ends, and waits for the echoes that are to come, no longer than Config.Patience. The connections stay open, those that did
// not end by themselves. The error is nil unless the kernel refuses to go on; what went wrong with the server is in the Result.
func (c *Client) Run(ctx context.Context) (*Result, error) {
	r := new(Result)
	events := make([]unix.EpollEvent, maxEvents)
	in := make([]byte, readBuffer)
	var out []byte
	var giveUp time.Duration // 0 while sending
	c.due = c.clock()
	for {
		now := c.clock()
		switch {
		case giveUp > 0 && (c.waiting == 0 || now >= giveUp):
			c.abandon(r)
			return r, nil
		case giveUp > 0:
		case ctx.Err() != nil || c.alive == 0:
			giveUp = now + c.cfg.Patience
		default:
			out = c.sendDue(out, now, r)
		}
		wait := waitLimit
		if giveUp == 0 {
			wait = min(max(c.due-c.clock(), 0), waitLimit)
		}
		// Rounded up to what epoll_wait counts in: messages leave a few at a time rather than from a loop that never waits.
		n, err := unix.EpollWait(c.epoll, events, int((wait+time.Millisecond-1)/time.Millisecond))
		if err != nil && err != unix.EINTR {
			return r, fmt.Errorf("pace: epoll: %w", err)
		}
		for _, ev := range events[:max(n, 0)] {
			c.receive(int(ev.Fd), in, r)
		}
	}
}

// sendDue sends all that is due.
func (c *Client) sendDue(out []byte, now time.Duration, r *Result) []byte {
	interval := time.Second / time.Duration(c.cfg.Rate)
	for c.due <= now && c.alive > 0 {
		r.Late = max(r.Late, now-c.due)
		c.due += interval
		to := c.turn()
		r.Sent++
		c.waiting++
		var err error
		if out, err = to.send(out, c.cfg.Size, c.clock()); err != nil {
			c.end(to, err, r)
		}
	}
	return out
}

// turn returns the connection whose turn it is, of those that live.
func (c *Client) turn() *conn {
	for {
		to := &c.conns[c.next]
		if c.next++; c.next == len(c.conns) {
			c.next = 0
		}
		if to.fd >= 0 {
			return to
		}
	}
}

// receive reads what connection i has.
func (c *Client) receive(i int, in []byte, r *Result) {
	from := &c.conns[i]
	if from.fd < 0 { // ended since the wait
		return
	}
	before := from.waiting()
	err := from.receive(in, c.cfg.Size, c.clock, r)
	c.waiting -= before - from.waiting()
	if err != nil {
		c.end(from, err, r)
	}
}

// end gives up a connection, and what is under way on it for lost.
func (c *Client) end(gone *conn, err error, r *Result) {
	r.note(fmt.Errorf("connection %d: %w", gone.number, err))
	r.Ended++
	r.Lost += gone.waiting()
	c.waiting -= gone.waiting()
	gone.pass(uint64(gone.waiting()))
	unix.Close(gone.fd)
	gone.fd = -1
	c.alive--
}

// abandon gives all echoes that are still to come for lost.
func (c *Client) abandon(r *Result) {
	for i := range c.conns {
		if n := c.conns[i].waiting(); n > 0 {
			r.Lost += n
			r.note(fmt.Errorf("connection %d: no echo of message %d", i, c.conns[i].expected))
			c.conns[i].pass(uint64(n))
		}
	}
	c.waiting = 0
}

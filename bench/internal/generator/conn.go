//go:build linux

package generator

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

var errTooMany = errors.New("generator: more echoes than messages sent")

// conn is one connection of a loop, and only that loop's.
type conn struct {
	fd      int
	sender  wire.Sender
	checker wire.Checker
	echoed  int64         // messages
	sentAt  time.Duration // on the loop's clock, when the message in flight was written; set only where round trips are timed
	blocked bool          // the socket took less than was due, and the loop watches for room
}

// receive reads once and returns how many messages it completed, as many of which are due again: the window slides.
// A socket that had nothing after all is no error.
func (c *conn) receive(buf []byte) (messages int, err error) {
	n, err := unix.Read(c.fd, buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("generator: read: %w", err)
	case n == 0:
		return 0, fmt.Errorf("generator: read: the server closed the connection: %w", io.ErrUnexpectedEOF)
	}
	messages, err = c.checker.Feed(buf[:n])
	if err != nil {
		return 0, err
	}
	if messages > c.sender.Room() {
		return 0, errTooMany
	}
	c.echoed += int64(messages)
	c.sender.Owe(messages)
	return messages, nil
}

// send writes what is due, as far as the socket takes it, and reports whether all went.
func (c *conn) send() (all bool, err error) {
	for len(c.sender.Due()) > 0 {
		n, err := unix.Write(c.fd, c.sender.Due())
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return false, nil
		case err != nil:
			return false, fmt.Errorf("generator: write: %w", err)
		}
		c.sender.Sent(n)
	}
	return true, nil
}

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
	waiting int           // messages sent or due whose echo has not come
	sentAt  time.Duration // on the loop's clock, when the message in flight was written; set only where round trips are timed
	blocked bool          // the socket took less than was due, and the loop watches for room
}

// owe makes n more messages due.
func (c *conn) owe(n int) {
	c.sender.Owe(n)
	c.waiting += n
}

// receive reads once and returns how many echoes it completed. A socket that had nothing after all is no error.
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
	if messages > c.waiting {
		return 0, errTooMany
	}
	c.waiting -= messages
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

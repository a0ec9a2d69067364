//go:build linux

// Package pace keeps many WebSocket connections to an echo server busy at a rate of its own choosing, and checks every byte that comes back.
//
// Where package generator asks how much a server can do, this one asks how it does with little: messages leave when they are due, whether those before
// them were answered or not, so that a server that stops for a second shows a second, and not one late echo. Every message carries its connection's
// number and its own, so that none can be lost, doubled or answered on another connection unseen.
//
// It is one goroutine over bare descriptors in an epoll set, whatever the number of connections.
package pace

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/opening"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// DefaultPatience is Config's where it is 0.
const DefaultPatience = 30 * time.Second

// Config says what to keep busy and how.
type Config struct {
	Addr     netip.AddrPort // of the server
	Conns    int            // connections, at least 1; one descriptor each, on both sides
	Rate     int            // messages a second on all connections together, which take turns; at least 1
	Size     int            // of the longest message in bytes, MinSize or more; the others have all lengths below
	Patience time.Duration  // how long to wait for the last echoes; 0 or less: DefaultPatience
}

// check completes c with defaults and refuses what cannot run.
func (c Config) check() (Config, error) {
	switch {
	case !c.Addr.IsValid():
		return c, errors.New("pace: no server address")
	case c.Conns < 1:
		return c, fmt.Errorf("pace: %d connections", c.Conns)
	case c.Rate < 1:
		return c, fmt.Errorf("pace: %d messages a second", c.Rate)
	case c.Size < MinSize || c.Size > wire.MaxSize:
		return c, fmt.Errorf("pace: messages of %d bytes; want %d to %d", c.Size, MinSize, wire.MaxSize)
	}
	if c.Patience <= 0 {
		c.Patience = DefaultPatience
	}
	return c, nil
}

const (
	readBuffer = 64 << 10 // bytes one read takes at most
	maxEvents  = 512      // ready connections that one wait returns at most
	// waitLimit bounds one wait, so that the end of the context is seen in time.
	waitLimit = 20 * time.Millisecond
)

// Client is a number of open connections. It is for one goroutine at a time.
type Client struct {
	cfg     Config
	epoll   int
	conns   []conn
	began   time.Time // of the clock
	due     time.Duration
	next    int   // the connection that sends next
	alive   int   // connections
	waiting int64 // echoes to come
}

// Open opens the connections, one after the other.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	cfg, err := cfg.check()
	if err != nil {
		return nil, err
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("pace: epoll: %w", err)
	}
	c := &Client{cfg: cfg, epoll: epoll, conns: make([]conn, 0, cfg.Conns), began: time.Now(), alive: cfg.Conns}
	for i := range cfg.Conns {
		if err := c.open(ctx, i); err != nil {
			c.Close()
			return nil, fmt.Errorf("pace: connection %d: %w", i, err)
		}
	}
	return c, nil
}

func (c *Client) open(ctx context.Context, i int) error {
	tc, _, err := opening.WebSocket(ctx, c.cfg.Addr, netip.Addr{}, wire.Uncompressed)
	if err != nil {
		return err
	}
	fd, err := opening.Detach(tc)
	if err != nil {
		return err
	}
	c.conns = append(c.conns, conn{number: uint32(i), fd: fd})
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
	if err := unix.EpollCtl(c.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// Close resets the connections that are open, without a closing handshake.
func (c *Client) Close() {
	for i := range c.conns {
		if c.conns[i].fd >= 0 {
			unix.Close(c.conns[i].fd)
		}
	}
	unix.Close(c.epoll)
}

func (c *Client) clock() time.Duration { return time.Since(c.began) }

//go:build linux

package generator

import (
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/latency"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

const (
	// readBuffer holds what one read takes, in bytes: several windows of small messages.
	readBuffer = 256 << 10
	// maxEvents is how many ready connections one wait returns.
	maxEvents = 512
	// waitLimit bounds one wait, so that a loop sees in time that it should end.
	waitLimit = 50 * time.Millisecond
)

// The orders to a loop that runs.
const (
	fill  int32 = iota // keep the windows full
	drain              // send no more than is due, and return when every echo has come
	abort              // return
)

// loop drives some of the connections from one goroutine.
//
// All but order belongs to that goroutine while run runs, and to whoever called it before and after.
type loop struct {
	epoll    int
	conns    []conn // never appended to once connected; events carry the index
	window   int
	patience time.Duration
	start    time.Time          // of the loop's clock, by which round trips are timed
	messages int64              // echoed so far, in all runs
	waiting  int                // echoes still to come, on all connections
	hist     *latency.Histogram // takes the round trips, if it is not nil
	order    *atomic.Int32
}

// newLoop returns a loop over the descriptors given, which close closes. Connection i is first+i of the ring's.
func newLoop(cfg Config, ring *wire.Ring, first int, fds []int, order *atomic.Int32) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("generator: epoll: %w", err)
	}
	l := &loop{
		epoll:    epoll,
		conns:    make([]conn, len(fds)),
		window:   cfg.Shape.Window,
		patience: cfg.Patience,
		start:    time.Now(),
		order:    order,
	}
	for i, fd := range fds {
		l.conns[i] = conn{fd: fd, sender: ring.NewSender(first + i), checker: ring.NewChecker(first + i)}
		if err := l.watch(i, unix.EPOLL_CTL_ADD); err != nil {
			unix.Close(epoll)
			return nil, err
		}
	}
	return l, nil
}

// watch tells the epoll set what connection i waits for.
func (l *loop) watch(i, op int) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
	if l.conns[i].blocked {
		ev.Events |= unix.EPOLLOUT
	}
	if err := unix.EpollCtl(l.epoll, op, l.conns[i].fd, &ev); err != nil {
		return fmt.Errorf("generator: epoll: %w", err)
	}
	return nil
}

// run fills every window and keeps it full until the order is to drain; then it waits for the echoes that are still to come. It
// returns with no message under way, unless the order was to abort or something is wrong.
func (l *loop) run() error {
	for i := range l.conns {
		l.conns[i].owe(l.window)
		l.waiting += l.window
		if err := l.flush(i); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	buf := make([]byte, readBuffer)
	events := make([]unix.EpollEvent, maxEvents)
	progress := time.Now()
	for l.waiting > 0 {
		n, err := unix.EpollWait(l.epoll, events, int(waitLimit/time.Millisecond))
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("generator: epoll: %w", err)
		}
		order := l.order.Load()
		if order == abort {
			return nil
		}
		for _, ev := range events[:max(n, 0)] {
			if err := l.serve(int(ev.Fd), ev.Events, buf, order == fill); err != nil {
				return fmt.Errorf("connection %d: %w", ev.Fd, err)
			}
		}
		// Whatever made a connection ready moved bytes, be it a small piece of a large message.
		if now := time.Now(); n > 0 {
			progress = now
		} else if now.Sub(progress) > l.patience {
			return fmt.Errorf("generator: nothing moved for %v; %d of %d connections wait for an echo", l.patience, l.silent(), len(l.conns))
		}
	}
	return nil
}

// serve does what connection i is ready for, and sends a message for every echo if refill is set.
func (l *loop) serve(i int, ready uint32, buf []byte, refill bool) error {
	c := &l.conns[i]
	echoes := 0
	// EPOLLERR and EPOLLHUP come unasked; the read finds out what they mean.
	if ready&^unix.EPOLLOUT != 0 {
		var err error
		if echoes, err = c.receive(buf); err != nil {
			return err
		}
		l.messages += int64(echoes)
		if l.hist != nil && echoes > 0 {
			l.hist.Record(time.Since(l.start) - c.sentAt)
		}
	}
	if refill {
		c.owe(echoes)
	} else {
		l.waiting -= echoes
	}
	if refill && echoes > 0 || ready&unix.EPOLLOUT != 0 {
		return l.flush(i)
	}
	return nil
}

// flush sends what is due on connection i and watches for room where the socket has none.
func (l *loop) flush(i int) error {
	c := &l.conns[i]
	if l.hist != nil && !c.blocked {
		c.sentAt = time.Since(l.start)
	}
	all, err := c.send()
	if err != nil || all == !c.blocked {
		return err
	}
	c.blocked = !all
	return l.watch(i, unix.EPOLL_CTL_MOD)
}

// silent returns how many connections have echoes still to come.
func (l *loop) silent() int {
	n := 0
	for i := range l.conns {
		if l.conns[i].waiting > 0 {
			n++
		}
	}
	return n
}

// payloadBytes returns how many bytes of compressed payload the server has received and sent on the loop's connections.
func (l *loop) payloadBytes() (received, sent int64) {
	for i := range l.conns {
		received += l.conns[i].sender.PayloadBytes()
		sent += l.conns[i].checker.PayloadBytes()
	}
	return received, sent
}

// close closes the connections with a reset, without a closing handshake.
func (l *loop) close() {
	for i := range l.conns {
		unix.Close(l.conns[i].fd)
	}
	unix.Close(l.epoll)
}

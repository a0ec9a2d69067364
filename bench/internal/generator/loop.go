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

// The phases of a run, in order.
const (
	warming int32 = iota
	measuring
	done
)

// loop drives some of the connections from one goroutine.
//
// The fields up to hist belong to that goroutine while run runs, and to whoever called it before and after.
type loop struct {
	epoll    int
	conns    []conn // never appended to once connected; events carry the index
	ring     *wire.Ring
	window   int
	timed    bool // round trips are recorded: one message in flight
	patience time.Duration
	start    time.Time // of the loop's clock
	hist     latency.Histogram

	phase    *atomic.Int32 // set by the caller of run, from anywhere
	messages atomic.Int64  // echoed so far; brought up to date after each wait
}

// newLoop returns a loop over the descriptors given, which close closes. Connection i starts at slot first+i of the ring.
func newLoop(cfg Config, ring *wire.Ring, first int, fds []int, phase *atomic.Int32) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("generator: epoll: %w", err)
	}
	l := &loop{
		epoll:    epoll,
		conns:    make([]conn, len(fds)),
		ring:     ring,
		window:   cfg.Shape.Window,
		timed:    cfg.Shape.Window == 1,
		patience: cfg.Patience,
		start:    time.Now(),
		phase:    phase,
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

// run fills every window and keeps it full until the phase is done, until enough messages were echoed, if
// enough is above 0, or until something is wrong. It returns with messages in flight.
func (l *loop) run(enough int64) error {
	for i := range l.conns {
		l.conns[i].sender.Owe(l.window)
		if err := l.flush(i); err != nil {
			return err
		}
	}
	buf := make([]byte, readBuffer)
	events := make([]unix.EpollEvent, maxEvents)
	for progress := time.Now(); ; {
		n, err := unix.EpollWait(l.epoll, events, int(waitLimit/time.Millisecond))
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("generator: epoll: %w", err)
		}
		phase := l.phase.Load()
		if phase == done {
			return nil
		}
		echoed := 0
		for _, ev := range events[:max(n, 0)] {
			m, err := l.serve(int(ev.Fd), ev.Events, buf, phase == measuring)
			if err != nil {
				return fmt.Errorf("connection %d: %w", ev.Fd, err)
			}
			echoed += m
		}
		if total := l.messages.Add(int64(echoed)); enough > 0 && total >= enough {
			return nil
		}
		if now := time.Now(); echoed > 0 {
			progress = now
		} else if now.Sub(progress) > l.patience {
			return fmt.Errorf("generator: no echo for %v on any of %d connections", l.patience, len(l.conns))
		}
	}
}

// serve does what connection i is ready for.
func (l *loop) serve(i int, ready uint32, buf []byte, record bool) (messages int, err error) {
	c := &l.conns[i]
	// EPOLLERR and EPOLLHUP come unasked; the read finds out what they mean.
	if ready&^unix.EPOLLOUT != 0 {
		if messages, err = c.receive(buf); err != nil {
			return 0, err
		}
		if l.timed && record && messages > 0 {
			l.hist.Record(time.Since(l.start) - c.sentAt)
		}
	}
	if messages > 0 || ready&unix.EPOLLOUT != 0 {
		err = l.flush(i)
	}
	return messages, err
}

// flush sends what is due on connection i and watches for room where the socket has none.
func (l *loop) flush(i int) error {
	c := &l.conns[i]
	if l.timed && !c.blocked {
		c.sentAt = time.Since(l.start)
	}
	all, err := c.send()
	if err != nil || all == !c.blocked {
		return err
	}
	c.blocked = !all
	return l.watch(i, unix.EPOLL_CTL_MOD)
}

// silent returns how many connections have not echoed a single message.
func (l *loop) silent() int {
	n := 0
	for i := range l.conns {
		if l.conns[i].echoed == 0 {
			n++
		}
	}
	return n
}

// close closes the connections with a reset, without a closing handshake.
func (l *loop) close() {
	for i := range l.conns {
		unix.Close(l.conns[i].fd)
	}
	unix.Close(l.epoll)
}

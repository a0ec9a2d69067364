package poll

import (
	"os"
	"syscall"
	"time"
)

// parking is where a goroutine waits for an epoll instance to have something: not in the kernel but in the Go scheduler's own
// poller, which an epoll instance can be registered with like a socket.
//
// A goroutine that waits in epoll_wait(2) keeps its thread and, until the runtime's monitor takes it away, the
// processor of the scheduler (P) that it had; whatever else could run there waits for the monitor, which looks every 20 us to
// 10 ms. A parked one costs one more system call when it is woken, but the processor goes on at once. Measured
// with a loop that echoes and clients as goroutines of the same process, time to the answer, median and 99th percentile:
//
//	                          epoll_wait        parked
//	GOMAXPROCS=1, 4 clients   170 us, 440 us    15 us, 21 us
//	GOMAXPROCS=2, 1 client    5.7 us, 84 us     4.3 us, 6 us
//	GOMAXPROCS=2, 4 clients   10 us, 70 us      12 us, 27 us
//
// With the clients in another process, at 8,000 messages a second, two loops spent 27 us of processor time a message in
// epoll_wait and 8 us parked. At full load nothing waits, and both are the same.
type parking struct {
	epoll  int
	file   *os.File // owns epoll
	conn   syscall.RawConn
	try    func(fd uintptr) bool // fills events; false is for waiting on
	events []syscall.EpollEvent  // of the wait under way, then nil
	n      int
	errno  syscall.Errno
	timed  bool // a deadline is set
}

// open takes the epoll instance over.
func (p *parking) open(epoll int) {
	p.epoll = epoll
	syscall.SetNonblock(epoll, true) // tells os.NewFile to register it; on epoll itself it has no effect
	p.file = os.NewFile(uintptr(epoll), "epoll")
	if p.file.SetReadDeadline(time.Time{}) != nil {
		return // it could not be registered: wait in the kernel then
	}
	conn, err := p.file.SyscallConn()
	if err != nil {
		return
	}
	p.conn = conn
	p.try = func(uintptr) bool {
		p.n, p.errno = pollNow(p.epoll, p.events)
		return p.n != 0 || p.errno != 0
	}
}

// wait is epoll_wait(2). timeout is not 0.
func (p *parking) wait(events []syscall.EpollEvent, timeout time.Duration) (n int, errno syscall.Errno) {
	if p.conn == nil {
		return p.inKernel(events, timeout)
	}
	if timeout > 0 {
		p.file.SetReadDeadline(time.Now().Add(timeout))
		p.timed = true
	} else if p.timed {
		p.file.SetReadDeadline(time.Time{})
		p.timed = false
	}
	p.events, p.n, p.errno = events, 0, 0
	p.conn.Read(p.try) // its only error is that of the deadline
	p.events = nil
	return p.n, p.errno
}

// inKernel is wait in epoll_wait(2).
func (p *parking) inKernel(events []syscall.EpollEvent, timeout time.Duration) (n int, errno syscall.Errno) {
	end := time.Now().Add(timeout)
	for {
		n, err := syscall.EpollWait(p.epoll, events, millis(timeout))
		if err != syscall.EINTR {
			errno, _ = err.(syscall.Errno)
			return n, errno
		}
		if timeout > 0 {
			timeout = max(0, time.Until(end))
		}
	}
}

// millis returns d in milliseconds, rounded up, so that who waits for a moment does not come before it; -1 is for ever.
func millis(d time.Duration) int {
	if d < 0 {
		return -1
	}
	ms := d / time.Millisecond
	if d%time.Millisecond > 0 {
		ms++
	}
	return int(ms)
}

func (p *parking) close() error { return p.file.Close() }

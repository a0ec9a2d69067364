package poll

import (
	"encoding/binary"
	"syscall"
	"time"
)

// Edge-triggered, in the numbers of the kernel: syscall.EPOLLET is negative on some architectures.
const (
	onEdge   = syscall.EPOLLIN | syscall.EPOLLOUT | syscall.EPOLLRDHUP | 1<<31
	onLevel  = syscall.EPOLLIN
	onWake   = syscall.EPOLLIN | 1<<31
	hangup   = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
	readable = syscall.EPOLLIN | hangup
	writable = syscall.EPOLLOUT | syscall.EPOLLHUP | syscall.EPOLLERR
	efdFlags = syscall.O_NONBLOCK | syscall.O_CLOEXEC // EFD_NONBLOCK, EFD_CLOEXEC
)

// one is what a wake-up adds to the eventfd's counter, which is a number in the machine's own order.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// system is an epoll instance, and an eventfd that is registered with it.
type system struct {
	epoll   int
	eventfd int
	parking parking              // where there is nothing yet
	raw     []syscall.EpollEvent // of Wait
}

func (s *system) open() (err error) {
	s.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	fd, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, efdFlags, 0)
	if errno != 0 {
		syscall.Close(s.epoll)
		return errno
	}
	s.eventfd = int(fd)
	if err := s.control(syscall.EPOLL_CTL_ADD, s.eventfd, wakeID, onWake); err != nil {
		syscall.Close(s.eventfd)
		syscall.Close(s.epoll)
		return err
	}
	s.parking.open(s.epoll)
	return nil
}

// control registers fd or changes what it is registered for. The kernel keeps 64 bits for us, of which package syscall makes
// two fields; since they are only given back, their order does not matter.
func (s *system) control(op, fd int, id uint64, events uint32) error {
	return syscall.EpollCtl(s.epoll, op, fd, &syscall.EpollEvent{Events: events, Fd: int32(id), Pad: int32(id >> 32)})
}

func (s *system) add(fd int, id uint64) error {
	return s.control(syscall.EPOLL_CTL_ADD, fd, id, onEdge)
}

func (s *system) addListener(fd int, id uint64) error {
	return s.control(syscall.EPOLL_CTL_ADD, fd, id, onLevel)
}

func (s *system) remove(fd int) error {
	return s.control(syscall.EPOLL_CTL_DEL, fd, 0, 0)
}

// wake makes an edge on the eventfd. Nobody reads it: each write is an edge whatever the counter says, and the counter has
// room for 2^64 of them.
func (s *system) wake() error {
	_, err := syscall.Write(s.eventfd, one)
	return err
}

func (s *system) wait(events []Event, timeout time.Duration) (n int, woken bool, err error) {
	if len(s.raw) < len(events) {
		s.raw = make([]syscall.EpollEvent, len(events))
	}
	raw := s.raw[:len(events)]
	got, errno := pollNow(s.epoll, raw)
	if got == 0 && errno == 0 && timeout != 0 {
		got, errno = s.parking.wait(raw, timeout)
	}
	if errno != 0 {
		return 0, false, errno
	}
	for i := range raw[:got] {
		r := &raw[i]
		id := uint64(uint32(r.Fd)) | uint64(uint32(r.Pad))<<32
		if id == wakeID {
			woken = true
			continue
		}
		events[n] = Event{
			ID:       id,
			Readable: r.Events&readable != 0,
			Writable: r.Events&writable != 0,
			Hangup:   r.Events&hangup != 0,
		}
		n++
	}
	return n, woken, nil
}

func (s *system) close() error {
	err := s.parking.close()
	if e := syscall.Close(s.eventfd); err == nil {
		err = e
	}
	return err
}

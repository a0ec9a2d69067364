//go:build darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll

import (
	"syscall"
	"time"
	"unsafe"
)

// kevent is syscall.Kevent_t with a number for the user's data, where package syscall has a pointer: an ID in a pointer would
// be followed by the garbage collector.
type kevent struct {
	Ident  uint64
	Filter int16
	Flags  uint16
	Fflags uint32
	Data   int64
	Udata  uint64
}

// The two have the same size, or this does not compile.
var (
	_ [unsafe.Sizeof(kevent{}) - unsafe.Sizeof(syscall.Kevent_t{})]byte
	_ [unsafe.Sizeof(syscall.Kevent_t{}) - unsafe.Sizeof(kevent{})]byte
)

// system is a kqueue. Wake-ups are an event of the user's, which needs no descriptor.
type system struct {
	kq  int
	raw []kevent // of Wait
}

func (s *system) open() (err error) {
	s.kq, err = syscall.Kqueue()
	if err != nil {
		return err
	}
	syscall.CloseOnExec(s.kq) // a kqueue is not inherited by a fork, so that there is no moment in between
	user := kevent{Filter: syscall.EVFILT_USER, Flags: syscall.EV_ADD | syscall.EV_CLEAR, Udata: wakeID}
	if err := s.change(user); err != nil {
		s.close()
		return err
	}
	return nil
}

// call is kevent(2), with one change or none. EINTR is the caller's to look at.
func (s *system) call(changes, events []kevent, timeout *syscall.Timespec) (int, error) {
	return syscall.Kevent(s.kq, theirs(changes), theirs(events), timeout)
}

// theirs is k under the type that package syscall has for it. The memory was allocated as one without pointers, and stays that
// to the garbage collector.
func theirs(k []kevent) []syscall.Kevent_t {
	return unsafe.Slice((*syscall.Kevent_t)(unsafe.Pointer(unsafe.SliceData(k))), len(k))
}

func (s *system) change(k kevent) error {
	for {
		_, err := s.call([]kevent{k}, nil, nil)
		if err != syscall.EINTR {
			return err
		}
	}
}

func (s *system) filter(fd int, id uint64, filter int16, flags uint16) error {
	return s.change(kevent{Ident: uint64(fd), Filter: filter, Flags: flags, Udata: id})
}

func (s *system) add(fd int, id uint64) error {
	if err := s.filter(fd, id, syscall.EVFILT_READ, syscall.EV_ADD|syscall.EV_CLEAR); err != nil {
		return err
	}
	err := s.filter(fd, id, syscall.EVFILT_WRITE, syscall.EV_ADD|syscall.EV_CLEAR)
	if err != nil {
		s.filter(fd, 0, syscall.EVFILT_READ, syscall.EV_DELETE)
	}
	return err
}

func (s *system) addListener(fd int, id uint64) error {
	return s.filter(fd, id, syscall.EVFILT_READ, syscall.EV_ADD)
}

func (s *system) remove(fd int) error {
	err := s.filter(fd, 0, syscall.EVFILT_READ, syscall.EV_DELETE)
	if e := s.filter(fd, 0, syscall.EVFILT_WRITE, syscall.EV_DELETE); err == nil && e != syscall.ENOENT { // a listener has none
		err = e
	}
	return err
}

func (s *system) wake() error {
	return s.change(kevent{Filter: syscall.EVFILT_USER, Fflags: syscall.NOTE_TRIGGER, Udata: wakeID})
}

// poll is kevent(2) without changes.
func (s *system) poll(events []kevent, timeout time.Duration) (n int, err error) {
	if timeout < 0 {
		for {
			if n, err := s.call(nil, events, nil); err != syscall.EINTR {
				return n, err
			}
		}
	}
	end := time.Now().Add(timeout)
	for {
		ts := syscall.NsecToTimespec(int64(timeout))
		if n, err := s.call(nil, events, &ts); err != syscall.EINTR {
			return n, err
		}
		timeout = max(0, time.Until(end))
	}
}

func (s *system) wait(events []Event, timeout time.Duration) (n int, woken bool, err error) {
	if len(s.raw) < len(events) {
		s.raw = make([]kevent, len(events))
	}
	raw := s.raw[:len(events)]
	got, err := s.poll(raw, timeout)
	if err != nil {
		return 0, false, err
	}
	for i := range raw[:got] {
		k := &raw[i]
		ev := Event{ID: k.Udata}
		eof := k.Flags&syscall.EV_EOF != 0
		switch k.Filter {
		case syscall.EVFILT_USER:
			woken = true
			continue
		case syscall.EVFILT_READ:
			ev.Readable, ev.Writable, ev.Hangup = true, eof, eof
		case syscall.EVFILT_WRITE:
			// The end of this direction is also what our own CloseWrite makes; only an error says that the other has ended too.
			ev.Writable, ev.Hangup = true, eof && k.Fflags != 0
			ev.Readable = ev.Hangup
		}
		events[n] = ev
		n++
	}
	return n, woken, nil
}

func (s *system) close() error { return syscall.Close(s.kq) }

package server

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

// socket is the transport of a connection that is driven by a loop. There is one for each connection, open or not, and it is small for that reason:
// what few of them need is in extra.
//
// A socket has one owner at a time: the loop's goroutine, or a worker. The owner alone reads, calls the driver, and closes the descriptor.
// Others may write to the socket, close it and ask for its addresses; they hold mu for as long as they use the descriptor,
// so that it cannot be somebody else's meanwhile.
type socket struct {
	mu     sync.Mutex // guards fd and driver, which the owner alone changes and may therefore read without it
	word   atomic.Uint32
	fd     int32 // -1: closed
	loop   *loop
	driver *conn.Driver // nil: in the opening handshake
	extra  *extra       // nil: an open connection without TLS; for the owner
	slot   uint32       // in the loop's table
	gen    uint32       // tells the socket from others that had its slot
	peer   peer
}

// extra is what sockets in their opening handshake and those with TLS have.
type extra struct {
	opening *opening
	secure  *secure
	early   *bufpool.Buffer // what came behind the opening handshake, for the first turn of a worker
}

// The bits of socket.word. Whoever sets owned becomes the owner, and has to hand the socket to the loop or the workers. The news are for the owner, who
// takes them all, and is done when there are no others; so who brings news to an owned socket has nothing more to do.
const (
	owned uint32 = 1 << iota

	began    // news: the owner has not seen the socket yet
	readable // news: there may be something to read
	writable // news: there may be room to write
	leaving  // news: the server is shutting down
	look     // news: dead is set, or a deadline has passed

	hungUp     // the peer's input ends behind what there is to read
	unread     // the owner has stopped reading before the end, because the connection is paused
	drained    // the end of the input was found, and is known to the driver
	blocked    // a write was refused for want of room; changed with mu held
	dead       // Close was called; set with mu held
	opened     // there is a driver
	registered // with the poller, and in the loop's table
	local      // a Unix socket

	news = began | readable | writable | leaving | look
)

func newSocket(l *loop, fd int, from peer, kind uint32) *socket {
	s := &socket{loop: l, fd: int32(fd), peer: from}
	s.word.Store(owned | began | kind)
	return s
}

// id is the socket's name at the poller.
func (s *socket) id() uint64 { return uint64(s.gen)<<32 | uint64(s.slot) }

// has reports whether the bit is set.
func (s *socket) has(bit uint32) bool { return s.word.Load()&bit != 0 }

// notify leaves news for the owner. It returns true where there was none: the caller is the owner now.
func (s *socket) notify(what uint32) bool { return s.word.Or(what|owned)&owned == 0 }

// schedule leaves news and sees to it that the socket gets an owner.
func (s *socket) schedule(what uint32) {
	if s.notify(what) {
		s.handOn()
	}
}

// handOn hands the socket, which the caller owns, to who is to process it.
func (s *socket) handOn() {
	if w := s.loop.group.workers; w != nil && s.has(opened) {
		w.push(s)
	} else {
		s.loop.post(s)
	}
}

// release ends the ownership, unless there are news.
func (s *socket) release() bool {
	for {
		word := s.word.Load()
		if word&news != 0 {
			return false
		}
		if s.word.CompareAndSwap(word, word&^owned) {
			return true
		}
	}
}

// secured returns what TLS adds, or nil.
func (s *socket) secured() *secure {
	if s.extra == nil {
		return nil
	}
	return s.extra.secure
}

// usable reports whether the descriptor may be used. mu is held.
func (s *socket) usable() bool { return s.fd >= 0 && !s.has(dead) }

// Write takes what the kernel takes without waiting, for the driver.
func (s *socket) Write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.usable() {
		return 0, net.ErrClosed
	}
	n, err = poll.Write(int(s.fd), p)
	if err == poll.ErrAgain {
		s.word.Or(blocked) // with mu held, so that whoever is told of room meanwhile sees it
		err = conn.ErrWouldBlock
	}
	return n, err
}

// CloseWrite ends what the peer reads.
func (s *socket) CloseWrite() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.usable() {
		return net.ErrClosed
	}
	return poll.CloseWrite(int(s.fd))
}

// Close ends the connection and leaves the descriptor to the owner.
func (s *socket) Close() error {
	s.mu.Lock()
	if !s.usable() {
		s.mu.Unlock()
		return net.ErrClosed
	}
	poll.Shutdown(int(s.fd))
	s.word.Or(dead)
	s.mu.Unlock()
	s.schedule(look)
	return nil
}

// cut closes the connection without a closing handshake.
func (s *socket) cut() {
	s.mu.Lock()
	d := s.driver
	s.mu.Unlock()
	if d != nil {
		d.Conn().Close()
	} else {
		s.Close()
	}
}

// room is called when the socket may take bytes again. It reports whether the driver waits for that.
func (s *socket) room() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.usable() {
		return false
	}
	if t := s.secured(); t != nil && !t.flush() {
		return false
	}
	return s.word.And(^blocked)&blocked != 0
}

// RemoteAddr returns the client's address, also when the connection is gone.
func (s *socket) RemoteAddr() net.Addr {
	if a := s.peer.addr(); a != nil {
		return a
	}
	return s.noAddr()
}

// LocalAddr asks the kernel, as long as OnClose has not returned.
func (s *socket) LocalAddr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd >= 0 {
		if a := localAddr(int(s.fd)); a != nil {
			return a
		}
	}
	return s.noAddr()
}

// noAddr is the address of what has none: a Unix socket that is not bound to a name, or one that is gone.
func (s *socket) noAddr() net.Addr {
	if s.has(local) {
		return &net.UnixAddr{Net: "unix"}
	}
	return &net.TCPAddr{}
}

// What an event loop has no use for makes the rest of a net.Conn.

func (s *socket) Read([]byte) (int, error)         { return 0, errDriven }
func (s *socket) SetDeadline(time.Time) error      { return errDriven }
func (s *socket) SetReadDeadline(time.Time) error  { return errDriven }
func (s *socket) SetWriteDeadline(time.Time) error { return errDriven }

var errDriven = fmt.Errorf("websocket: the connection is driven by an event loop: %w", errors.ErrUnsupported)

// SyscallConn gives access to the descriptor for socket options, as that of a *net.TCPConn does.
func (s *socket) SyscallConn() (syscall.RawConn, error) { return rawSocket{s}, nil }

type rawSocket struct{ s *socket }

// Control calls f with the descriptor, which stays open meanwhile.
func (r rawSocket) Control(f func(fd uintptr)) error {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if r.s.fd < 0 {
		return net.ErrClosed
	}
	f(uintptr(r.s.fd))
	return nil
}

func (rawSocket) Read(func(fd uintptr) bool) error  { return errDriven }
func (rawSocket) Write(func(fd uintptr) bool) error { return errDriven }

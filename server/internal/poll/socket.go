//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll

import (
	"io"
	"syscall"
)

// maxCall is how many bytes one system call is asked to move; macOS refuses more than 2 GiB.
const maxCall = 1 << 30

// Read reads up to len(p) bytes that are there. It returns n > 0 and no error, or 0 and io.EOF at the end of the stream,
// ErrAgain if nothing has come yet, or another syscall.Errno, such as ECONNRESET. An empty p reads nothing and finds no end.
func Read(fd int, p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		n, errno := read(fd, p[:min(len(p), maxCall)])
		switch {
		case errno == syscall.EINTR:
		case errno != 0:
			return 0, failed(errno)
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write writes p until all of it is taken or the socket takes no more. It returns how many bytes were taken; fewer than len(p)
// come with ErrAgain, or with another syscall.Errno, such as EPIPE, which raises no signal that a Go program would notice. p
// is not kept.
func Write(fd int, p []byte) (n int, err error) {
	for n < len(p) {
		m, errno := write(fd, p[n:min(len(p), n+maxCall)])
		switch errno {
		case 0:
			n += m
		case syscall.EINTR:
		default:
			return n, failed(errno)
		}
	}
	return n, nil
}

// Writev writes a and then b as Write does, in one system call while both have something left (in builds with the race
// detector, in two). n counts the bytes of both.
func Writev(fd int, a, b []byte) (n int, err error) {
	for len(a) > 0 && len(b) > 0 && len(a) <= maxCall && len(b) <= maxCall-len(a) {
		m, errno := writev(fd, a, b)
		switch errno {
		case 0:
			n += m
			k := min(m, len(a))
			a, b = a[k:], b[m-k:]
		case syscall.EINTR:
		default:
			return n, failed(errno)
		}
	}
	for _, p := range [...][]byte{a, b} {
		m, err := Write(fd, p)
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// failed returns errno as an error. It does not allocate: small numbers need not.
func failed(errno syscall.Errno) error {
	if errno == syscall.EAGAIN {
		return ErrAgain
	}
	return errno
}

// Accept takes a connection from the listening socket fd. The new descriptor is nonblocking and close-on-exec. The error is
// ErrAgain if no connection waits, or a syscall.Errno such as EMFILE; connections that died while they waited are skipped.
//
// from is the peer's address, which the kernel forgets when the connection breaks.
func Accept(fd int) (nfd int, from syscall.Sockaddr, err error) {
	for {
		nfd, from, err := accept(fd)
		switch err {
		case nil:
			return nfd, from, nil
		case syscall.EINTR, syscall.ECONNABORTED:
		case syscall.EAGAIN:
			return -1, nil, ErrAgain
		default:
			return -1, nil, err
		}
	}
}

// Dup returns another descriptor, close-on-exec, of the socket that fd is one of. They share everything but the number:
// nonblocking mode, Shutdown, and the connection, which ends when both are closed.
func Dup(fd int) (nfd int, err error) {
	r, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

// CloseWrite ends the stream that the peer reads. Reading goes on. The error is ENOTCONN where the connection is gone already.
func CloseWrite(fd int) error { return syscall.Shutdown(fd, syscall.SHUT_WR) }

// Shutdown ends both directions, from any goroutine: every read from now on finds the end (on Linux, behind what had come
// before it), every write EPIPE, and a Poller reports the descriptor with Hangup. The descriptor stays open. The error is
// ENOTCONN where the connection is gone already.
func Shutdown(fd int) error { return syscall.Shutdown(fd, syscall.SHUT_RDWR) }

// Close gives the descriptor up. From then on its number may be that of another socket; see [Poller.Remove].
func Close(fd int) error {
	err := syscall.Close(fd)
	if err == syscall.EINTR {
		return nil // it is closed, and closing again might hit another
	}
	return err
}

//go:build unix

package conn

import (
	"io"
	"syscall"
)

// rawIO says that sockets are read and written through their descriptor, below net.Conn.
const rawIO = true

// readSocket reads once without waiting. ready is false where nothing has arrived.
func readSocket(fd uintptr, p []byte) (n int, ready bool, err error) {
	for {
		n, err = syscall.Read(int(fd), p)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return 0, false, nil
		case err != nil:
			return 0, true, err
		case n == 0:
			return 0, true, io.EOF
		default:
			return n, true, nil
		}
	}
}

// writeSocket writes as much of p as the socket takes without waiting.
func writeSocket(fd uintptr, p []byte) (n int, err error) {
	for n < len(p) {
		m, err := syscall.Write(int(fd), p[n:])
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return n, nil
		case err != nil:
			return n, err
		default:
			n += m
		}
	}
	return n, nil
}

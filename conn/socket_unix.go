//go:build unix

package conn

import (
	"io"
	"syscall"

	"github.com/laminar-ws/laminar/bufpool"
)

// rawIO says that sockets are read and written through their descriptor, below net.Conn.
const rawIO = true

func (s *socket) readReady(fd uintptr) bool {
	in := &s.in
	dst := in.dst
	if dst == nil {
		in.buf = bufpool.Get(in.size)
		dst = in.buf.B[:cap(in.buf.B)]
	}
	for {
		n, err := syscall.Read(int(fd), dst)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			if in.buf != nil {
				in.buf.Release()
				in.buf = nil
			}
			return false
		case err == nil && n == 0:
			err = io.EOF
		}
		in.n, in.err = n, err
		return true
	}
}

func (s *socket) writeReady(fd uintptr) bool {
	out := &s.out
	for out.n < len(out.src) {
		n, err := syscall.Write(int(fd), out.src[out.n:])
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return !out.wait
		case err != nil:
			out.err = err
			return true
		default:
			out.n += n
		}
	}
	return true
}

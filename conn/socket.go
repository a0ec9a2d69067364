package conn

import (
	"io"
	"net"
	"syscall"

	"github.com/laminar-ws/laminar/bufpool"
)

// socket is a TCP or Unix socket below net.Conn: readiness to read is awaited without a buffer, and what a write can do without waiting is
// done without waiting. One goroutine reads at a time, and one writes.
type socket struct {
	raw syscall.RawConn
	in  socketInput
	out socketOutput
}

// socketInput is what readReady, which is called back from the runtime's poller, takes and leaves.
type socketInput struct {
	ready func(fd uintptr) bool
	dst   []byte // where to; nil: borrow buf
	size  int    // of buf
	buf   *bufpool.Buffer
	n     int
	err   error
}

// socketOutput is the same for writeReady.
type socketOutput struct {
	ready func(fd uintptr) bool
	wait  bool // wait for the socket to take all of src
	src   []byte
	n     int
	err   error
}

// newSocket returns the socket that t is, or nil.
func newSocket(t io.WriteCloser) *socket {
	if !rawIO {
		return nil
	}
	var raw syscall.RawConn
	switch nc := t.(type) {
	case *net.TCPConn:
		raw, _ = nc.SyscallConn()
	case *net.UnixConn:
		if nc.LocalAddr().Network() == "unix" {
			raw, _ = nc.SyscallConn()
		}
	}
	if raw == nil {
		return nil
	}
	s := &socket{raw: raw}
	s.in.ready, s.out.ready = s.readReady, s.writeReady
	return s
}

// read reads once, waiting for the first byte: to dst or, where that is nil, to a buffer of size bytes that is borrowed when there is something
// to read, and is the caller's.
func (s *socket) read(dst []byte, size int) (n int, buf *bufpool.Buffer, err error) {
	in := &s.in
	in.dst, in.size = dst, size
	err = s.raw.Read(in.ready)
	if err == nil {
		n, err = in.n, in.err
	}
	buf = in.buf
	in.dst, in.buf = nil, nil
	return n, buf, err
}

// write writes as much of p as the socket takes at once, or all of it where wait is set.
func (s *socket) write(p []byte, wait bool) (int, error) {
	out := &s.out
	out.src, out.n, out.err, out.wait = p, 0, nil, wait
	err := s.raw.Write(out.ready)
	if err == nil {
		err = out.err
	}
	out.src = nil
	return out.n, err
}

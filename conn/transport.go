package conn

import (
	"context"
	"io"
	"net"
	"syscall"
	"time"
)

// transport is the byte stream below a connection, with what more it can do than read, write and close.
type transport struct {
	rwc io.ReadWriteCloser
	raw syscall.RawConn // of a TCP or Unix socket, where readiness can be awaited without a buffer
}

func newTransport(rwc io.ReadWriteCloser) transport {
	t := transport{rwc: rwc}
	if !rawIO {
		return t
	}
	switch s := rwc.(type) {
	case *net.TCPConn:
		t.raw, _ = s.SyscallConn()
	case *net.UnixConn:
		if s.LocalAddr().Network() == "unix" {
			t.raw, _ = s.SyscallConn()
		}
	}
	return t
}

// close closes the transport. Where it is cut, that is done at once; else TLS says goodbye first, which a peer that does not read can hold
// up for 5 s.
func (t *transport) close(cut bool) error {
	if w, ok := t.rwc.(interface{ NetConn() net.Conn }); ok && cut {
		err := w.NetConn().Close()
		t.rwc.Close()
		return err
	}
	return t.rwc.Close()
}

type readDeadliner interface{ SetReadDeadline(time.Time) error }
type writeDeadliner interface{ SetWriteDeadline(time.Time) error }
type writeCloser interface{ CloseWrite() error }

// longAgo as a deadline makes the call that waits return at once.
var longAgo = time.Unix(1, 0)

// interruptible makes a call that is about to wait return when ctx ends: by interrupt, which is called then, once. The function returned must be called
// after the wait, and reports whether that happened; interrupt has returned by then. Call it only with a ctx that can be cancelled.
func interruptible(ctx context.Context, interrupt func()) (settle func() bool) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		interrupt()
		close(done)
	})
	return func() bool {
		if stop() {
			return false
		}
		<-done
		return true
	}
}

package conn

import (
	"context"
	"io"
	"net"
	"time"
)

// transport is the byte stream below a connection, with what more it can do than write and close. That of a driven connection need not read.
type transport struct {
	w    io.WriteCloser
	sock *socket // it, where it is a TCP or Unix socket that is read and written through its descriptor
}

// read reads as an io.Reader. The transport was given to New, which takes none that cannot.
func (t *transport) read(p []byte) (int, error) { return t.w.(io.Reader).Read(p) }

// close closes the transport. Where it is cut, that is done at once; else TLS says goodbye first, which a peer that does not read can hold
// up for 5 s.
func (t *transport) close(cut bool) error {
	if w, ok := t.w.(interface{ NetConn() net.Conn }); ok && cut {
		err := w.NetConn().Close()
		t.w.Close()
		return err
	}
	return t.w.Close()
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

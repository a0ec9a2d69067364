package server

import (
	"crypto/tls"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

// A connection over TLS comes to a loop when a goroutine has done both handshakes, with a transport that waits. Then the transport under its tls.Conn is
// exchanged for one that does not:
//
//	driver -- secure -- tls.Conn -- swappable -- net.TCPConn
//	                                     \
//	                                      ciphertext -- socket
//
// A read that finds nothing returns a temporary error, after which crypto/tls goes on where it was; in the middle of a record, too. A write that was not
// finished it could not go on with, so ciphertext takes all of it, and keeps what the kernel does not take.

// tlsListener is that of ServeTLS with Loops.
type tlsListener struct {
	net.Listener
	config *tls.Config
}

// Accept waits for a connection. Its TLS handshake is not done yet.
func (l *tlsListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s := new(swappable)
	s.swap(nc)
	return tls.Server(s, l.config), nil
}

// swappable is a transport that can be exchanged.
type swappable struct{ conn atomic.Pointer[net.Conn] }

func (s *swappable) now() net.Conn    { return *s.conn.Load() }
func (s *swappable) swap(nc net.Conn) { s.conn.Store(&nc) }

func (s *swappable) Read(p []byte) (int, error)         { return s.now().Read(p) }
func (s *swappable) Write(p []byte) (int, error)        { return s.now().Write(p) }
func (s *swappable) Close() error                       { return s.now().Close() }
func (s *swappable) LocalAddr() net.Addr                { return s.now().LocalAddr() }
func (s *swappable) RemoteAddr() net.Addr               { return s.now().RemoteAddr() }
func (s *swappable) SetDeadline(t time.Time) error      { return s.now().SetDeadline(t) }
func (s *swappable) SetReadDeadline(t time.Time) error  { return s.now().SetReadDeadline(t) }
func (s *swappable) SetWriteDeadline(t time.Time) error { return s.now().SetWriteDeadline(t) }

const (
	secureWrite = 64 << 10        // bytes that are encrypted before the kernel is asked whether it takes them
	secureKept  = 2 * secureWrite // bytes of ciphertext that may wait for a peer that is read from: TLS itself answers some of what it sends (KeyUpdate)
)

// secure is the transport of a driven connection over TLS.
type secure struct {
	*socket
	tls   *tls.Conn
	kept  *bufpool.Buffer // ciphertext that the kernel has not taken; guarded by socket.mu
	empty bool            // the socket was read to its end; for the owner
	left  int             // bytes of ciphertext that may be read in this turn; for the owner
	last  *time.Timer     // the peer has closed its side, and this closes ours if it does not read what is left; for the owner
}

// lastTime is how long a peer that has closed its side may take to read what was sent to it.
const lastTime = time.Second

// ConnectionState is tls.Conn's.
func (t *secure) ConnectionState() tls.ConnectionState { return t.tls.ConnectionState() }

// Write encrypts and sends p, as long as the kernel takes it.
func (t *secure) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if !t.takesMore() {
			return n, conn.ErrWouldBlock
		}
		m, err := t.tls.Write(p[n:min(len(p), n+secureWrite)])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (t *secure) takesMore() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil {
		return true
	}
	t.word.Or(blocked)
	return false
}

// CloseWrite says goodbye: an alert, behind which the peer reads the end of the stream.
func (t *secure) CloseWrite() error { return t.tls.CloseWrite() }

// Close says goodbye, if that was not said and the kernel takes it, and closes the socket.
func (t *secure) Close() error {
	t.tls.Close()
	return t.socket.Close()
}

// read reads to the end of what is there, or of the budget, and feeds the driver, with as many records at once as b has room for. What counts is
// the ciphertext: some records have next to nothing in them, or nothing.
func (t *secure) read(b []byte, budget *int) {
	t.word.And(^unread)
	t.empty, t.left = false, *budget
	for {
		n := 0
		var err error
		for n < len(b) && err == nil {
			var m int
			m, err = t.tls.Read(b[n:])
			n += m
		}
		if n > 0 {
			t.driver.Feed(b[:n])
		}
		*budget = t.left
		if t.stops(0, budget) {
			return // an error will come again
		}
		switch err {
		case nil:
		case errNothingYet:
			return
		case io.EOF:
			t.inputEnded()
			return
		default:
			t.end(err)
			return
		}
	}
}

// inputEnded ends the connection when all has left that the peer may still read.
func (t *secure) inputEnded() {
	if t.takesMore() {
		t.end(io.EOF)
		return
	}
	t.word.Or(drained)
	t.last = time.AfterFunc(lastTime, func() { t.socket.Close() })
}

// flushed is called when there may be room, after that was used.
func (t *secure) flushed() {
	if t.last != nil && t.takesMore() && t.last.Stop() {
		t.last = nil
		t.end(io.EOF)
	}
}

// flush sends ciphertext that was kept. It reports whether there is none left. mu is held.
func (t *secure) flush() bool {
	if t.kept == nil {
		return true
	}
	n, err := poll.Write(int(t.fd), t.kept.B)
	if err == poll.ErrAgain {
		t.kept.B = t.kept.B[:copy(t.kept.B, t.kept.B[n:])]
		return false
	}
	t.drop() // after an error the next write finds it again
	return true
}

// drop gives up the ciphertext that was kept. mu is held.
func (t *secure) drop() {
	if t.kept != nil {
		t.kept.Release()
		t.kept = nil
	}
}

// ciphertext is what lies below the tls.Conn of a connection on a loop.
type ciphertext struct{ *secure }

// Read reads what is there; the owner's call of tls.Conn.Read comes here.
func (c ciphertext) Read(p []byte) (n int, err error) {
	if c.empty || c.left <= 0 || c.overfull() {
		return 0, errNothingYet
	}
	n, err = poll.Read(int(c.fd), p)
	c.left -= n
	switch {
	case err == poll.ErrAgain:
		err = errNothingYet
	case err == nil && n < len(p) && !c.has(hungUp):
		c.empty = true // so the next read need not be made
	}
	return n, err
}

// overfull reports whether the peer has to take some of its answers before it is read from again.
func (c ciphertext) overfull() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept.B) <= secureKept {
		return false
	}
	c.word.Or(unread)
	return true
}

// Write takes all of p.
func (c ciphertext) Write(p []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.usable() {
		return 0, net.ErrClosed
	}
	if c.kept == nil {
		n, err = poll.Write(int(c.fd), p)
		if err != poll.ErrAgain {
			return n, err
		}
		c.kept = bufpool.Get(len(p) - n)
	}
	c.kept.Grow(len(p) - n)
	c.kept.B = append(c.kept.B, p[n:]...)
	return len(p), nil
}

// Close and the deadlines are tls.Conn's to call, and of no effect: nothing waits, and secure closes the socket.

func (ciphertext) Close() error                     { return nil }
func (ciphertext) SetDeadline(time.Time) error      { return nil }
func (ciphertext) SetReadDeadline(time.Time) error  { return nil }
func (ciphertext) SetWriteDeadline(time.Time) error { return nil }

// errNothingYet is temporary: crypto/tls does not keep it.
var errNothingYet net.Error = nothingYet{}

type nothingYet struct{}

func (nothingYet) Error() string   { return "nothing has come yet" }
func (nothingYet) Timeout() bool   { return true }
func (nothingYet) Temporary() bool { return true }

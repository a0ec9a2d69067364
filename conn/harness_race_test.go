package conn_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// tooLong ends tests over real sockets that would wait for ever. Nothing is measured by it.
const tooLong = 20 * time.Second

// farEnd is the peer of a connection under test, which says and sees every frame.
type farEnd struct {
	t  testing.TB
	rw io.ReadWriteCloser
	r  *frame.Reader

	role frame.Role
}

func newFarEnd(t testing.TB, rw io.ReadWriteCloser, role frame.Role) *farEnd {
	t.Cleanup(func() { rw.Close() })
	return &farEnd{t: t, rw: rw, r: frame.NewReader(rw, frame.Validator{From: role.Peer()}), role: role}
}

// overPipe returns a connection over memory and its peer. It may be called in a synctest bubble.
func overPipe(t testing.TB, role frame.Role, opts *conn.Options) (*conn.Conn, *farEnd) {
	a, b := memory.Pipe()
	c := conn.New(a, role, opts)
	t.Cleanup(func() { c.Close() })
	return c, newFarEnd(t, b, role.Peer())
}

// overTCP returns a connection over a loopback socket and its peer.
func overTCP(t testing.TB, role frame.Role, opts *conn.Options) (*conn.Conn, *farEnd) {
	a, b := socketPair(t)
	c := conn.New(a, role, opts)
	t.Cleanup(func() { c.Close() })
	b.SetDeadline(time.Now().Add(tooLong))
	return c, newFarEnd(t, b, role.Peer())
}

// overBoth runs a test over memory, outside of any bubble, and over a socket.
func overBoth(t *testing.T, test func(t *testing.T, over func(testing.TB, frame.Role, *conn.Options) (*conn.Conn, *farEnd))) {
	t.Run("pipe", func(t *testing.T) {
		test(t, func(t testing.TB, role frame.Role, opts *conn.Options) (*conn.Conn, *farEnd) {
			c, far := overPipe(t, role, opts)
			far.rw.(net.Conn).SetDeadline(time.Now().Add(tooLong))
			return c, far
		})
	})
	t.Run("tcp", func(t *testing.T) { test(t, overTCP) })
}

func socketPair(t testing.TB) (a, b *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	x, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	y, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return x.(*net.TCPConn), y.(*net.TCPConn)
}

// appendFrame appends a whole frame of the far end's.
func (f *farEnd) appendFrame(dst []byte, op frame.Opcode, fin bool, p []byte) []byte {
	h := frame.Header{Fin: fin, Opcode: op, Length: int64(len(p))}
	if f.role == frame.Client {
		h.Masked, h.Key = true, frame.NewKey()
		return frame.AppendMasked(frame.AppendHeader(dst, h), p, h.Key)
	}
	return append(frame.AppendHeader(dst, h), p...)
}

// segment sends n frames with the given payload in one write.
func (f *farEnd) segment(n int, op frame.Opcode, p []byte) {
	f.t.Helper()
	var b []byte
	for range n {
		b = f.appendFrame(b, op, true, p)
	}
	f.sendRaw(b)
}

func (f *farEnd) send(op frame.Opcode, p string) {
	f.t.Helper()
	f.segment(1, op, []byte(p))
}

func (f *farEnd) sendRaw(b []byte) {
	f.t.Helper()
	if _, err := f.rw.Write(b); err != nil {
		f.t.Errorf("the peer's write: %v", err)
	}
}

func (f *farEnd) sendClose(code closecode.Code, reason string) {
	f.t.Helper()
	f.segment(1, frame.Close, frame.AppendClose(nil, code, reason))
}

// next returns the next frame.
func (f *farEnd) next() (frame.Header, []byte, error) {
	h, err := f.r.Next()
	if err != nil {
		return h, nil, err
	}
	p, err := io.ReadAll(f.r)
	return h, p, err
}

// want reads a frame that must be as given.
func (f *farEnd) want(op frame.Opcode, p string) {
	f.t.Helper()
	h, got, err := f.next()
	if err != nil || h.Opcode != op || !bytes.Equal(got, []byte(p)) {
		f.t.Errorf("the peer reads %v %.40q, %v; want %v %.40q", h.Opcode, got, err, op, p)
	}
}

// wantClose skips data and pongs up to a Close frame that must be as given.
func (f *farEnd) wantClose(code closecode.Code, reason string) {
	f.t.Helper()
	for {
		h, p, err := f.next()
		if err != nil {
			f.t.Errorf("the peer reads %v; want a Close frame with %v %q", err, code, reason)
			return
		}
		if h.Opcode != frame.Close {
			continue
		}
		gotCode, gotReason, err := frame.ParseClose(p)
		if err != nil || gotCode != code || string(gotReason) != reason {
			f.t.Errorf("the peer reads a Close frame with %v %q, %v; want %v %q", gotCode, gotReason, err, code, reason)
		}
		return
	}
}

// wantEOF reads what must be the end of the stream, not a reset, and nothing before it.
func (f *farEnd) wantEOF() {
	f.t.Helper()
	if h, p, err := f.next(); err != io.EOF {
		f.t.Errorf("the peer reads %v %.40q, %v; want io.EOF", h.Opcode, p, err)
	}
}

// counted is a transport that counts its writes and can hold them up. It is no socket any more to those who ask for its type.
type counted struct {
	net.Conn
	writes atomic.Int64
	bytes  atomic.Int64

	mu   sync.Mutex
	gate chan struct{} // writes wait until it is closed; nil: none waits
}

func (t *counted) Write(p []byte) (int, error) {
	t.writes.Add(1)
	t.mu.Lock()
	gate := t.gate
	t.mu.Unlock()
	if gate != nil {
		<-gate
	}
	n, err := t.Conn.Write(p)
	t.bytes.Add(int64(n))
	return n, err
}

// hold makes the writes that begin from now on wait until release is called.
func (t *counted) hold() (release func()) {
	gate := make(chan struct{})
	t.mu.Lock()
	t.gate = gate
	t.mu.Unlock()
	return sync.OnceFunc(func() {
		t.mu.Lock()
		t.gate = nil
		t.mu.Unlock()
		close(gate)
	})
}

func (t *counted) CloseWrite() error { return t.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// limitedTime returns a context for what must not take for ever.
func limitedTime(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), tooLong)
	t.Cleanup(cancel)
	return ctx
}

// inBackground runs f, and returns a function that waits for its result.
func inBackground[T any](f func() T) (wait func() T) {
	done := make(chan T, 1)
	go func() { done <- f() }()
	return func() T { return <-done }
}

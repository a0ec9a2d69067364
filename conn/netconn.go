package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// NetConn returns a byte stream over c: each Write sends a message of type op, and Read returns the data of the messages that
// arrive, whose borders are lost. A message of the other type ends the connection with code 1003. The peer's Close with code 1000, 1001 or none reads as
// io.EOF; Close performs the closing handshake with code 1000. A deadline that passes during a write ends the connection, one that passes during a
// read or before a write does not.
//
// The stream takes c over: nothing else may read from it or write to it.
func NetConn(c *Conn, op frame.Opcode) net.Conn {
	s := &netConn{c: c, op: op}
	s.read.init()
	s.write.init()
	return s
}

type netConn struct {
	c  *Conn
	op frame.Opcode

	readMu  sync.Mutex     // guards the fields below
	rest    *messageReader // the message that is being read; nil: the next Read begins one
	refused error          // a message of the other type has come

	read, write timeLimit
}

func (s *netConn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s.readMu.Lock()
	defer s.readMu.Unlock()
	ctx, done := s.read.context()
	defer done()
	for {
		if s.refused != nil {
			return 0, s.refused
		}
		if s.rest == nil {
			op, r, err := s.c.NextReader(ctx)
			if err != nil {
				return 0, readError(ctx, err)
			}
			if op != s.op {
				s.refuse(op)
				continue
			}
			s.rest = r.(*messageReader)
		}
		s.rest.ctx = ctx
		n, err := s.rest.Read(p)
		if err == io.EOF {
			s.rest = nil
			continue
		}
		return n, readError(ctx, err)
	}
}

// refuse ends the connection for a message of the other type.
func (s *netConn) refuse(op frame.Opcode) {
	s.refused = &endError{errors.New("websocket: stream of " + s.op.String() + " messages got one of " + op.String())}
	go s.c.shutdownInTime(closecode.UnsupportedData) // ends within Options.CloseTimeout, or with the connection
}

func (s *netConn) Write(p []byte) (int, error) {
	ctx, done := s.write.context()
	defer done()
	if err := s.c.Write(ctx, s.op, p); err != nil {
		return 0, timeoutError(ctx, err)
	}
	return len(p), nil
}

func (s *netConn) Close() error {
	err := s.c.shutdownInTime(closecode.NormalClosure)
	if err != nil && errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (s *netConn) LocalAddr() net.Addr  { return s.addr(net.Conn.LocalAddr) }
func (s *netConn) RemoteAddr() net.Addr { return s.addr(net.Conn.RemoteAddr) }

func (s *netConn) addr(of func(net.Conn) net.Addr) net.Addr {
	if nc := s.c.NetConn(); nc != nil {
		return of(nc)
	}
	return streamAddr{}
}

type streamAddr struct{}

func (streamAddr) Network() string { return "websocket" }
func (streamAddr) String() string  { return "websocket" }

func (s *netConn) SetDeadline(t time.Time) error {
	s.read.set(t)
	s.write.set(t)
	return nil
}

func (s *netConn) SetReadDeadline(t time.Time) error {
	s.read.set(t)
	return nil
}

func (s *netConn) SetWriteDeadline(t time.Time) error {
	s.write.set(t)
	return nil
}

// readError turns the errors of a message connection into those of a byte stream's reads.
func readError(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*CloseError](err); ok && e.Remote && closedNormally(err) {
		return io.EOF
	}
	return timeoutError(ctx, err)
}

// timeoutError returns what net.Conn says of a deadline that has passed, where err is that, else err.
func timeoutError(ctx context.Context, err error) error {
	if err != nil && err == ctx.Err() {
		return os.ErrDeadlineExceeded
	}
	return err
}

// timeLimit is a deadline that may be moved while calls wait for it, as net.Conn has it.
type timeLimit struct {
	mu     sync.Mutex // guards the fields below
	at     time.Time
	active map[*limited]struct{}
}

// limited is a call in progress.
type limited struct {
	cancel context.CancelFunc
	timer  *time.Timer
}

func (l *timeLimit) init() { l.active = make(map[*limited]struct{}) }

// context returns the context of a call that is about to wait; done ends it.
func (l *timeLimit) context() (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(background)
	call := &limited{cancel: cancel}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active[call] = struct{}{}
	call.arm(l.at)
	return limitedContext{ctx}, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.active, call)
		call.disarm()
		cancel()
	}
}

// limitedContext is a context that a deadline ends, though not one that it was made with.
type limitedContext struct{ context.Context }

func (c limitedContext) Err() error {
	if c.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}

func (l *timeLimit) set(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = t
	for call := range l.active {
		call.disarm()
		call.arm(t)
	}
}

func (c *limited) arm(t time.Time) {
	if t.IsZero() {
		return
	}
	if left := time.Until(t); left > 0 {
		c.timer = time.AfterFunc(left, c.cancel)
		return
	}
	c.cancel()
}

func (c *limited) disarm() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

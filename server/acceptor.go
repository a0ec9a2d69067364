package server

import (
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// acceptBatch is how many connections are accepted before those that are there have their turn.
const acceptBatch = 64

// acceptor accepts connections on a loop. It is the listener, with a duplicate of its descriptor.
type acceptor struct {
	net.Listener
	loop   *loop
	name   uint64
	kind   uint32 // of the sockets
	closed chan struct{}

	mu      sync.Mutex // guards the fields below
	fd      int        // -1: closed
	resting bool       // not registered, because accepting has failed

	// For the loop's goroutine.
	delay time.Duration // of the next rest
	fresh bool          // those that came before the listener had its options have been accepted
}

// serveOnLoops is Serve for listeners of the kind that loops can accept from.
func (s *Server) serveOnLoops(l net.Listener) error {
	g, err := s.group()
	if err != nil {
		return err
	}
	a, err := g.pick().listen(l)
	if err != nil {
		return err
	}
	defer a.Close()
	if !s.track(func() { s.listeners[a] = struct{}{} }) {
		return http.ErrServerClosed
	}
	defer s.untrack(func() { delete(s.listeners, a) })
	if err := a.begin(); err != nil {
		return err
	}
	<-a.closed
	return http.ErrServerClosed
}

// stream returns the descriptor behind a listener or connection of TCP or Unix stream sockets, and the bits of a socket of that kind.
func stream(v any) (raw syscall.RawConn, kind uint32, ok bool) {
	var err error
	switch v := v.(type) {
	case *net.TCPListener:
		raw, err = v.SyscallConn()
	case *net.TCPConn:
		raw, err = v.SyscallConn()
	case *net.UnixListener:
		kind, ok = local, v.Addr().Network() == "unix"
		raw, err = v.SyscallConn()
	case *net.UnixConn:
		kind, ok = local, v.LocalAddr().Network() == "unix"
		raw, err = v.SyscallConn()
	}
	return raw, kind, raw != nil && err == nil && (kind == 0 || ok)
}

// duplicate returns another descriptor of the socket.
func duplicate(raw syscall.RawConn) (fd int, err error) {
	if e := raw.Control(func(its uintptr) { fd, err = poll.Dup(int(its)) }); e != nil {
		return -1, e
	}
	return fd, err
}

// listen prepares to accept connections from l on the loop.
func (l *loop) listen(nl net.Listener) (*acceptor, error) {
	raw, kind, _ := stream(nl)
	fd, err := duplicate(raw)
	if err != nil {
		return nil, err
	}
	if kind != local {
		setTCPOptions(fd) // for those that come from now on
	}
	a := &acceptor{Listener: nl, loop: l, kind: kind, closed: make(chan struct{}), fd: fd}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names++
	a.name = l.names | acceptorBit
	l.acceptors[a.name] = a
	return a, nil
}

// begin lets the poller tell of connections.
func (a *acceptor) begin() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd < 0 {
		return nil
	}
	return a.loop.poller.AddListener(a.fd, a.name)
}

// Close stops accepting. Only the first call does anything.
func (a *acceptor) Close() error {
	a.mu.Lock()
	if a.fd < 0 {
		a.mu.Unlock()
		return nil
	}
	a.loop.poller.Remove(a.fd)
	poll.Close(a.fd)
	a.fd = -1
	a.mu.Unlock()
	a.loop.mu.Lock()
	delete(a.loop.acceptors, a.name)
	a.loop.mu.Unlock()
	err := a.Listener.Close() // a Unix socket's name goes last, when nobody listens there any more
	close(a.closed)
	return err
}

// accept accepts connections, on the loop's goroutine.
func (a *acceptor) accept() {
	for range acceptBatch {
		fd, from, err := a.acceptOne()
		switch err {
		case nil:
			a.delay = 0
			a.hand(fd, from)
		case poll.ErrAgain:
			a.fresh = true
			return
		case net.ErrClosed:
			return
		default: // such as too many open files: they may pass
			a.rest()
			return
		}
	}
}

func (a *acceptor) acceptOne() (fd int, from syscall.Sockaddr, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd < 0 || a.resting {
		return -1, nil, net.ErrClosed
	}
	return poll.Accept(a.fd)
}

// hand gives the connection to a loop.
func (a *acceptor) hand(fd int, from syscall.Sockaddr) {
	g := a.loop.group
	if !g.server.track(func() { g.server.running.Add(1) }) {
		poll.Close(fd)
		return
	}
	if a.kind != local && !(inheritsOptions && a.fresh) {
		setTCPOptions(fd)
	}
	s := newSocket(g.pick(), fd, newPeer(from), a.kind)
	if s.loop == a.loop {
		a.loop.next = append(a.loop.next, s)
	} else {
		s.loop.post(s)
	}
}

// rest stops accepting for a while. Otherwise the loop would be told again at once.
func (a *acceptor) rest() {
	a.delay = min(max(2*a.delay, 5*time.Millisecond), time.Second)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fd < 0 {
		return
	}
	a.resting = true
	a.loop.poller.Remove(a.fd)
	a.loop.wheel.Add(a.loop.now()+int64(a.delay), a)
}

// expired is called by the wheel when the rest is over.
func (a *acceptor) expired() {
	if a.begin() != nil {
		a.loop.wheel.Add(a.loop.now()+int64(time.Second), a)
		return
	}
	a.mu.Lock()
	a.resting = false
	a.mu.Unlock()
}

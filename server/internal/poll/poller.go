//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll

import (
	"math"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Supported says whether this system has a poller: Linux, macOS and FreeBSD have, the last on 64 bits (on 32, a kevent has no
// room for an ID). Where it is false, New and all socket functions fail.
const Supported = true

// A Poller waits for many descriptors at once. One goroutine at a time may call Wait; everything else may be called from
// any goroutine, at any time, also during Wait.
type Poller struct {
	// mu is read-locked for as long as sys is in use, and locked by Close alone, so that nothing touches the descriptors of a
	// closed poller, which may be someone else's by then. It costs Wait about 10 ns.
	mu     sync.RWMutex
	closed atomic.Bool
	woken  atomic.Bool // Wake has been called, and no Wait has reported it yet

	sys system
}

// wakeID is the one ID that descriptors cannot have.
const wakeID = math.MaxUint64

// longest is how long a Wait waits: 11 days, since macOS refuses to wait for years.
const longest = 1e6 * time.Second

// New returns a Poller without descriptors. It holds descriptors of its own, one or two, until Close.
func New() (*Poller, error) {
	p := new(Poller)
	if err := p.sys.open(); err != nil {
		return nil, err
	}
	return p, nil
}

// Add registers fd, edge-triggered and for both directions: Wait reports once what fd is ready for now, if anything, and then
// each change for the better. id comes back in the events; it may be any number but math.MaxUint64. A descriptor can be
// registered only once (EEXIST on Linux).
func (p *Poller) Add(fd int, id uint64) error { return p.register(fd, id, false) }

// AddListener registers fd, a listening socket, level-triggered: every Wait reports it Readable for as long as a connection
// can be accepted. If Accept fails for want of descriptors or memory, the connection stays and so does the event: who cannot
// accept should wait, or Remove the listener for a while, rather than spin.
func (p *Poller) AddListener(fd int, id uint64) error { return p.register(fd, id, true) }

func (p *Poller) register(fd int, id uint64, listener bool) error {
	if id == wakeID {
		return syscall.EINVAL
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return ErrClosed
	}
	if listener {
		return p.sys.addListener(fd, id)
	}
	return p.sys.add(fd, id)
}

// Remove forgets fd: no Wait that begins after it returns an event of it. It must be called before fd is closed, since a
// duplicate of fd, in this process or another, would keep it registered. Events that Wait has already returned are the
// caller's to drop. The error is ENOENT if fd is not registered.
func (p *Poller) Remove(fd int) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return ErrClosed
	}
	return p.sys.remove(fd)
}

// Wait fills events with what has become ready, up to len(events), which must not be 0, and returns how many there are. If
// nothing is, it waits: for timeout and never less, 11 days at most; for ever if timeout is negative; not at all if it is 0.
// It returns early, with what there is, after Wake. A Wait of a closed poller, and one during which it is closed, returns
// ErrClosed.
//
// What was written before Wake was called is seen by the caller after the Wait that it ended. Wait allocates only where
// events is longer than ever before.
func (p *Poller) Wait(events []Event, timeout time.Duration) (n int, err error) {
	if len(events) == 0 {
		return 0, syscall.EINVAL
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return 0, ErrClosed
	}
	n, woken, err := p.sys.wait(events, min(timeout, longest))
	if woken {
		// Only now, and before the caller looks at what it was woken for: a Wake from here on makes an event of its own. The
		// swap makes everything visible that was written before any Wake that found the flag set.
		p.woken.Swap(false)
		if p.closed.Load() {
			return 0, ErrClosed
		}
	}
	return n, err
}

// Wake makes the current Wait return, or else the next. Any number of calls between two returns of Wait costs one system call;
// the others set a flag that is set.
func (p *Poller) Wake() error {
	if p.woken.Swap(true) {
		return nil
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return ErrClosed
	}
	return p.sys.wake()
}

// Close ends the poller: a Wait under way returns ErrClosed, Close waits for that, and gives the poller's own descriptors back.
// Those registered stay open. A second Close returns ErrClosed.
func (p *Poller) Close() error {
	if p.closed.Swap(true) {
		return ErrClosed
	}
	p.mu.RLock()
	err := p.sys.wake() // whatever the flag says: a Wait that reported the last Wake may have begun anew
	p.mu.RUnlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.sys.close(); err == nil {
		err = e
	}
	return err
}

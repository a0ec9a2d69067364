// Package poll tells which descriptors are ready, reads and writes sockets without waiting, and keeps timers on a wheel: what
// an event loop over sockets needs of the operating system, and nothing that knows a protocol.
//
// A [Poller] is epoll on Linux and kqueue on macOS and FreeBSD (64 bits). On other systems [Supported] is false, New fails,
// and so does every socket function; the package compiles everywhere. On Linux a goroutine in Wait is parked, as one that
// waits for a net.Conn is; on the others it holds a thread.
//
//	p, err := poll.New()
//	...
//	p.Add(fd, id)
//	events := make([]poll.Event, 128)
//	for {
//		n, err := p.Wait(events, -1)
//		...
//		for _, ev := range events[:n] {
//			conn := find(ev.ID)
//			if ev.Readable {
//				n, err := poll.Read(conn.fd, buf) // until poll.ErrAgain, io.EOF or another error
//			}
//		}
//	}
//
// # Edges
//
// Add registers a descriptor once and for all, for both directions, edge-triggered: an event says that something has come, not
// that something is there, and is not repeated. So who is told that a descriptor is readable must read until [ErrAgain], the
// end or an error, or remember that it did not; and who had ErrAgain from Write is told by an event when there is room again.
// In exchange, no system call is ever needed to change what one waits for: who does not want to read now just does not. A read
// of fewer bytes than there was room for has found a stream socket empty, and the next bytes make a new edge; that saves the
// read that finds nothing, except after [Event.Hangup], whose end of the stream makes no further edge.
//
// An event may come without cause: a Wait that reports new bytes also says Writable again, and what an event tells of may have
// been consumed by the time it is looked at. ErrAgain is the answer then.
//
// # Descriptors
//
// The functions take descriptors as plain numbers, and a number belongs to another socket the moment after Close. Keeping a
// descriptor open as long as anyone may use it is the caller's part; [Shutdown] ends a connection without giving up its number.
// Every descriptor must be in nonblocking mode: those that Accept returns are, those that Dup returns are if their original is.
package poll

import "errors"

var (
	// ErrAgain is returned by Read, Write, Writev and Accept where they would have to wait: the socket is not ready.
	ErrAgain = errors.New("poll: the socket is not ready")

	// ErrClosed is returned by the methods of a Poller that has been closed.
	ErrClosed = errors.New("poll: the poller is closed")
)

// Event is what became of a descriptor. One Wait may return two events of the same descriptor, each with a part of the truth
// (kqueue tells the directions apart).
type Event struct {
	ID       uint64 // as given to Add or AddListener
	Readable bool   // bytes, the end of the stream or an error can be read, or a connection accepted; also set with Hangup
	Writable bool   // there is room to write, or a write finds an error

	// Hangup says that the peer has closed or half-closed its side, that the connection is broken, or that Shutdown was
	// called. There may be bytes in front of the end, and no other event need follow: read on until io.EOF or an error, a
	// short read does not mean that nothing is left.
	Hangup bool
}

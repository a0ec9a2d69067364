package server

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

// opening is a plain connection's opening handshake on a loop, to whose goroutine it belongs.
type opening struct {
	extra
	place
	socket  *socket
	scanner handshake.HeadScanner
	head    *bufpool.Buffer // what has come, where that was not a whole head; nil: nothing
	late    bool            // its time is up
	refused bool            // the client was told, and is given the time to read that
	dropped int             // bytes of input after that
}

// openings are those that are done, to be used again.
var openings = sync.Pool{New: func() any { return new(opening) }}

// startOpening begins the opening handshake.
func (s *socket) startOpening() {
	o := openings.Get().(*opening)
	o.socket, o.opening = s, o
	s.extra = &o.extra
	s.loop.handshakes.add(o)
}

// endOpening ends it, whatever came of it. What had come of the head is the caller's to release.
func (s *socket) endOpening() (head *bufpool.Buffer) {
	o := s.extra.opening
	s.extra = nil
	o.leave()
	head = o.head
	*o = opening{}
	openings.Put(o)
	return head
}

// outcome is what became of an opening handshake in a turn.
type outcome int

const (
	goesOn   outcome = iota // it, or the connection that came of it
	handedOn                // the owner is another now, or the connection gone
)

// attendOpening sees to a connection that is not open yet, on the loop's goroutine.
func (s *socket) attendOpening(word uint32, b []byte) outcome {
	if word&began != 0 {
		s.startOpening()
		if s.loop.admit(s) != nil {
			return s.abandon()
		}
		return goesOn // what has come makes an event
	}
	o := s.extra.opening
	switch {
	case word&(dead|leaving) != 0, o.late:
		return s.abandon()
	case word&readable == 0:
		return goesOn
	}
	for {
		n, err := poll.Read(int(s.fd), b)
		if err == poll.ErrAgain {
			return goesOn
		}
		if err != nil {
			return s.abandon()
		}
		more := n == len(b) || s.has(hungUp)
		if o.refused {
			if o.dropped += n; o.dropped >= refusalBytes {
				return s.abandon()
			}
		} else if done, out := s.hear(b[:n], more); done {
			return out
		}
		if !more {
			return goesOn
		}
	}
}

// abandon gives up a connection that is not open.
func (s *socket) abandon() outcome {
	if head := s.endOpening(); head != nil {
		head.Release()
	}
	s.bury()
	return handedOn
}

// hear takes bytes of the request; more says that others may be there already. done says that no more is read for the handshake, with the given outcome.
func (s *socket) hear(b []byte, more bool) (done bool, out outcome) {
	o := s.extra.opening
	if o.head != nil {
		o.head.Grow(len(b))
		o.head.B = append(o.head.B, b...)
		b = o.head.B
	}
	server := s.loop.group.server
	offer, n, err := o.scanner.ParseRequest(b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		if o.head == nil {
			o.head = bufpool.Get(max(1<<10, len(b)))
			o.head.B = append(o.head.B, b...)
		}
		return false, goesOn
	}
	if refusal, ok := errors.AsType[*handshake.RejectError](err); ok && refusal.NotUpgrade && server.Handler != nil {
		return true, s.surrender(b)
	}
	var agreed agreement
	if err == nil {
		agreed, err = server.Options.orDefault().agree(offer, "")
	}
	if refusal, ok := errors.AsType[*handshake.RejectError](err); ok {
		return s.refuse(refusal)
	}
	return true, s.welcome(agreed, offer.Key, b[n:], more)
}

// refuse answers with the refusal and gives the client the time to read it; see refusalTime.
func (s *socket) refuse(refusal *handshake.RejectError) (done bool, out outcome) {
	o := s.extra.opening
	if _, err := poll.Write(int(s.fd), refusal.Append(nil)); err != nil {
		return true, s.abandon()
	}
	poll.CloseWrite(int(s.fd))
	o.refused = true
	if o.head != nil {
		o.head.Release()
		o.head = nil
	}
	o.leave()
	s.loop.refusals.add(o)
	return false, goesOn
}

// welcome sends the 101 response and opens the connection, of whose input early was read already, and more may be
// there.
func (s *socket) welcome(agreed agreement, key string, early []byte, more bool) outcome {
	g := s.loop.group
	answer := bufpool.Get(512)
	answer.B = agreed.answer.Append(answer.B, key)
	_, err := poll.Write(int(s.fd), answer.B)
	answer.Release()
	if err != nil { // a fresh socket has room for so little
		return s.abandon()
	}
	d := conn.NewDriver(s, frame.Server, g.server.Events, &agreed.settings)
	s.mu.Lock()
	if s.has(dead) {
		s.mu.Unlock()
		return s.abandon()
	}
	head := s.endOpening()
	s.driver = d
	if g.workers != nil && len(early) > 0 {
		kept := bufpool.Get(len(early))
		kept.B = append(kept.B, early...)
		s.extra = &extra{early: kept}
	}
	s.word.Or(opened)
	s.mu.Unlock()
	if more {
		s.word.Or(readable)
	}
	if head != nil {
		defer head.Release()
	}
	if g.workers != nil {
		s.word.Or(began)
		g.workers.push(s)
		return handedOn
	}
	d.Feed(early)
	return goesOn
}

// surrender hands a connection that asks for no WebSocket, and of which b was read, to net/http.
func (s *socket) surrender(b []byte) outcome {
	started := append([]byte(nil), b...)
	server := s.loop.group.server
	if head := s.endOpening(); head != nil {
		head.Release()
	}
	s.mu.Lock()
	fd := int(s.fd)
	s.fd = -1
	s.loop.poller.Remove(fd)
	s.mu.Unlock()
	s.loop.forget(s)
	go func() { // ends when net/http has taken the connection, or the server has ended
		defer server.running.Done()
		if nc, err := connOf(fd); err == nil {
			server.givePlain(nc, started)
		}
	}()
	return handedOn
}

// connOf makes a net.Conn of the descriptor, which it takes over.
func connOf(fd int) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "websocket")
	defer f.Close() // FileConn has a duplicate
	return net.FileConn(f)
}

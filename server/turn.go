package server

import (
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

// turnBytes is how much is read from one connection before the others have their turn.
const turnBytes = 256 << 10

// turn does what there is to do for s, which the caller owns, with a buffer to read to. It returns true where more is left than one turn is for: the caller
// is the owner still, and has to give it another turn. Else the caller has nothing more to do with s.
//
// A function of Events may end the goroutine. Then interrupted is to be called.
func (s *socket) turn(b []byte) (again bool) {
	budget := turnBytes
	for {
		word := s.word.And(^news)
		if word&opened == 0 {
			switch s.attendOpening(word, b) {
			case handedOn:
				return false
			case goesOn:
			}
		} else if !s.attend(word, b, &budget) {
			return false
		}
		if s.release() {
			return false
		}
		if budget <= 0 {
			return true
		}
	}
}

// interrupted makes s ready for another turn after one that did not return. It reports false where the connection has ended.
func (s *socket) interrupted() bool {
	if s.fd < 0 {
		return false
	}
	s.word.Or(readable | writable | look) // whatever the turn was about
	return true
}

// attend sees to an open connection. It returns false when that is gone.
func (s *socket) attend(word uint32, b []byte, budget *int) bool {
	d := s.driver
	if word&began != 0 {
		s.begin()
	}
	if word&writable != 0 {
		if s.room() {
			d.Writable()
		}
		if t := s.secured(); t != nil {
			t.flushed()
		}
		if s.fd < 0 {
			return false
		}
	}
	if word&leaving != 0 {
		d.Shutdown(background, closecode.GoingAway, "")
	}
	word |= s.word.Load()
	if word&(readable|unread) != 0 && word&(drained|dead) == 0 {
		switch {
		case d.Paused():
			s.word.Or(unread)
		case s.secured() != nil:
			s.secured().read(b, budget)
		default:
			s.read(b, budget)
		}
	}
	if s.fd >= 0 && s.has(dead) {
		s.end(nil)
	}
	return s.fd >= 0
}

// begin is the first turn of an open connection.
func (s *socket) begin() {
	if s.extra == nil || s.extra.early == nil {
		s.driver.Feed(nil)
		return
	}
	early := s.extra.early
	s.extra = nil
	defer early.Release()
	s.driver.Feed(early.B)
}

// read reads to the end of what is there, or of the budget, and feeds the driver.
func (s *socket) read(b []byte, budget *int) {
	s.word.And(^unread)
	for {
		n, err := poll.Read(int(s.fd), b)
		if err == poll.ErrAgain {
			return
		}
		if err != nil {
			s.end(err)
			return
		}
		s.driver.Feed(b[:n])
		if s.stops(n, budget) || n < len(b) && !s.has(hungUp) {
			return // with fewer bytes than there was room for, nothing was left
		}
	}
}

// stops reports whether the driver is to be fed no more for now, after n bytes.
func (s *socket) stops(n int, budget *int) bool {
	*budget -= n
	switch {
	case s.has(dead):
	case s.driver.Paused():
		s.word.Or(unread)
	case *budget <= 0:
		s.word.Or(readable)
	default:
		return false
	}
	return true
}

// end tells the driver that nothing more comes, because of err, or because Close was called, and gives up the socket if that is all.
func (s *socket) end(err error) {
	over := true // also where OnClose ends the goroutine
	defer func() {
		if over {
			s.bury()
		} else {
			s.word.Or(drained)
		}
	}()
	over = s.driver.End(err)
}

// bury gives up the socket, which stays owned for ever.
func (s *socket) bury() {
	l := s.loop
	s.mu.Lock()
	fd := int(s.fd)
	s.fd = -1
	if s.has(registered) {
		l.poller.Remove(fd)
	}
	poll.Close(fd)
	if t := s.secured(); t != nil {
		t.drop()
	}
	s.extra = nil
	s.mu.Unlock()
	if s.has(registered) {
		l.forget(s)
	}
	l.group.server.running.Done()
}

package server

import (
	"sync"
	"time"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

const (
	loopBuffer = 64 << 10 // bytes that are read at once
	loopEvents = 256      // that are taken from the poller at once

	// The wheel holds an entry for each waiting and for each listener that rests.
	wheelTick  = 10 * time.Millisecond
	wheelSlots = 32
)

// loop drives connections from one goroutine.
//
// Lock order: a socket's mu or an acceptor's, then a loop's.
type loop struct {
	group  *loops
	poller *poll.Poller
	start  time.Time // of its clock
	done   chan struct{}

	mu        sync.Mutex // guards the fields below
	table     table
	gen       uint32 // of the latest socket
	acceptors map[uint64]*acceptor
	names     uint64      // of acceptors
	inbox     []*socket   // to be processed, from other goroutines
	ending    endingStage // what becomes of sockets that come now
	quit      bool        // nothing comes any more

	// The rest belongs to the goroutine. A function of Events may end that, so what it is in the middle of is here, where the next one finds it.
	wheel                *poll.Wheel[timer]
	handshakes, refusals waiting
	events               []poll.Event
	accepting            []*acceptor
	batch                []*socket // to be processed; the loop owns them
	at                   int       // how far that is
	next                 []*socket // those that have had their turn and need another
	spare                []*socket // the array of the batch before
	buf                  []byte
}

// timer is what a wheel holds. expired is called on the loop's goroutine.
type timer interface{ expired() }

type endingStage int

const (
	goingOn endingStage = iota
	shuttingDown
	cutOff
)

// acceptorBit is set in the IDs of listening sockets.
const acceptorBit = 1 << 63

func newLoop(g *loops) (*loop, error) {
	p, err := poll.New()
	if err != nil {
		return nil, err
	}
	l := &loop{
		group:     g,
		poller:    p,
		start:     time.Now(),
		done:      make(chan struct{}),
		acceptors: make(map[uint64]*acceptor),
		wheel:     poll.NewWheel[timer](wheelTick, wheelSlots),
		events:    make([]poll.Event, loopEvents),
		buf:       make([]byte, loopBuffer),
	}
	l.handshakes = waiting{loop: l, time: g.server.Options.orDefault().handshakeTimeout()}
	l.refusals = waiting{loop: l, time: refusalTime}
	return l, nil
}

// now is the time on the loop's clock, in nanoseconds.
func (l *loop) now() int64 { return int64(time.Since(l.start)) }

// run is the loop's goroutine. It ends after stop; where a function of Events ends it, another takes over.
func (l *loop) run() {
	stopped := false
	defer func() {
		if !stopped {
			if l.at < len(l.batch) {
				if s := l.batch[l.at]; s.interrupted() {
					l.next = append(l.next, s)
				}
				l.batch[l.at] = nil
				l.at++
			}
			go l.run()
		}
	}()
	for l.process(); l.wait(); l.process() {
	}
	stopped = true
	l.poller.Close()
	close(l.done)
}

// process gives each socket of the batch its turn.
func (l *loop) process() {
	for ; l.at < len(l.batch); l.at++ {
		s := l.batch[l.at]
		if s.turn(l.buf) {
			l.next = append(l.next, s)
		}
		l.batch[l.at] = nil
	}
	for i, a := range l.accepting {
		a.accept()
		l.accepting[i] = nil
	}
	l.accepting = l.accepting[:0]
}

// wait waits until there is something to do, and makes a batch of it. It returns false when the loop is to end.
func (l *loop) wait() bool {
	l.batch, l.next, l.spare = l.next, shrunk(l.spare), l.batch
	l.at = 0
	timeout := time.Duration(-1)
	if len(l.batch) > 0 {
		timeout = 0
	} else if at, ok := l.wheel.Next(); ok {
		timeout = max(0, time.Duration(at-l.now()))
	}
	n, err := l.poller.Wait(l.events, timeout)
	if err != nil {
		time.Sleep(wheelTick) // which is not known to happen, and must not spin
	}
	l.gather(l.events[:n])
	if l.wheel.Len() > 0 {
		l.wheel.Expire(l.now(), timer.expired)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.quit
}

// shrunk returns the empty slice over s's array, or a fresh one where that has grown in a burst.
func shrunk(s []*socket) []*socket {
	if cap(s) > 4*loopEvents {
		return nil
	}
	return s[:0]
}

// gather adds to the batch those that events are about, and those that others have posted.
func (l *loop) gather(events []poll.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batch = append(l.batch, l.inbox...)
	clear(l.inbox)
	l.inbox = shrunk(l.inbox)
	for _, ev := range events {
		if ev.ID&acceptorBit != 0 {
			if a := l.acceptors[ev.ID]; a != nil {
				l.accepting = append(l.accepting, a)
			}
			continue
		}
		s := l.table.at(uint32(ev.ID))
		if s == nil || s.id() != ev.ID {
			continue // it is gone, and another may have its slot
		}
		if !s.notify(newsOf(ev)) {
			continue
		}
		if w := l.group.workers; w != nil && s.has(opened) {
			w.push(s)
		} else {
			l.batch = append(l.batch, s)
		}
	}
}

func newsOf(ev poll.Event) (what uint32) {
	if ev.Readable {
		what |= readable
	}
	if ev.Writable {
		what |= writable
	}
	if ev.Hangup {
		what |= hungUp
	}
	return what
}

// post gives the loop a socket to process, from any goroutine.
func (l *loop) post(s *socket) {
	l.mu.Lock()
	l.inbox = append(l.inbox, s)
	l.mu.Unlock()
	l.poller.Wake()
}

// admit takes s into the table and registers it with the poller.
func (l *loop) admit(s *socket) error {
	l.mu.Lock()
	l.gen = (l.gen + 1) &^ (acceptorBit >> 32)
	s.gen = l.gen
	s.slot = l.table.put(s)
	ending := l.ending
	l.mu.Unlock()
	if err := l.poller.Add(int(s.fd), s.id()); err != nil {
		l.forget(s)
		return err
	}
	s.word.Or(registered)
	s.leave(ending)
	return nil
}

// forget takes s out of the table.
func (l *loop) forget(s *socket) {
	l.mu.Lock()
	l.table.remove(s.slot)
	l.mu.Unlock()
}

// leave ends the connection as the server's end asks for.
func (s *socket) leave(stage endingStage) {
	switch stage {
	case shuttingDown:
		s.schedule(leaving)
	case cutOff:
		s.cut()
	}
}

// end ends all connections, those that come later, too.
func (l *loop) end(stage endingStage) {
	l.mu.Lock()
	l.ending = max(l.ending, stage)
	all := l.table.all()
	l.mu.Unlock()
	for _, s := range all {
		s.leave(stage)
	}
}

// stop ends the goroutine of a loop that has no connections, and waits for that.
func (l *loop) stop() {
	l.mu.Lock()
	l.quit = true
	l.mu.Unlock()
	l.poller.Wake()
	<-l.done
}

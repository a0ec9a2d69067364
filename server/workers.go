package server

import (
	"sync"

	"github.com/laminar-ws/laminar/bufpool"
)

// workers are goroutines that give sockets their turns, so that a handler that takes its time keeps no loop. They are started as they are needed, and end
// when they are not.
type workers struct {
	limit int

	mu      sync.Mutex // guards the fields below
	queue   []*socket  // whose turn is to come; the workers own them
	head    int        // of the queue
	running int
}

// push queues s, which the caller owns, for a turn.
func (w *workers) push(s *socket) {
	w.mu.Lock()
	w.queue = append(w.queue, s)
	start := w.running < w.limit
	if start {
		w.running++
	}
	w.mu.Unlock()
	if start {
		go w.work() // ends when the queue is empty
	}
}

// pop returns the next socket. Where there is none, the worker that has called it counts no more.
func (w *workers) pop() *socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.head == len(w.queue) {
		w.running--
		w.queue, w.head = shrunk(w.queue), 0
		return nil
	}
	s := w.queue[w.head]
	w.queue[w.head] = nil
	w.head++
	if w.head >= loopEvents && w.head >= len(w.queue)/2 {
		n := copy(w.queue, w.queue[w.head:])
		clear(w.queue[n:])
		w.queue, w.head = w.queue[:n], 0
	}
	return s
}

// work is a worker. Where a function of Events ends it, another takes its place.
func (w *workers) work() {
	buf := bufpool.Get(loopBuffer)
	var s *socket
	defer func() {
		buf.Release()
		if s != nil {
			w.mu.Lock()
			if s.interrupted() {
				w.queue = append(w.queue, s)
			}
			w.mu.Unlock()
			go w.work() // as those that push starts
		}
	}()
	for s = w.pop(); s != nil; s = w.pop() {
		if s.turn(buf.B[:cap(buf.B)]) {
			w.mu.Lock()
			w.queue = append(w.queue, s)
			w.mu.Unlock()
		}
	}
}

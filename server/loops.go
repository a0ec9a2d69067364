package server

import (
	"net/http"
	"runtime"
	"sync/atomic"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// loops are the event loops of a server, and the workers behind them.
type loops struct {
	server  *Server
	all     []*loop
	turn    atomic.Uint32 // of the next loop to get a connection
	workers *workers      // nil: handlers run on the loops
}

// onLoops reports whether connections are to be driven by loops.
func (s *Server) onLoops() bool { return s.Loops != 0 && poll.Supported }

// group returns the server's loops, which run from the first call on.
func (s *Server) group() (*loops, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loops != nil { // as long as a connection counts as running, they run
		return s.loops, nil
	}
	if s.closed {
		return nil, http.ErrServerClosed
	}
	n := s.Loops
	if n < 0 {
		n = runtime.GOMAXPROCS(0)
	}
	g := &loops{server: s}
	if s.Workers > 0 {
		g.workers = &workers{limit: s.Workers}
	}
	for range n {
		l, err := newLoop(g)
		if err != nil {
			for _, l := range g.all {
				l.poller.Close()
			}
			return nil, err
		}
		g.all = append(g.all, l)
	}
	for _, l := range g.all {
		go l.run() // ends with stop
	}
	s.loops = g
	return g, nil
}

// pick returns the loop for the next connection.
func (g *loops) pick() *loop { return g.all[int(g.turn.Add(1)-1)%len(g.all)] }

// end ends all connections. g may be nil.
func (g *loops) end(stage endingStage) {
	if g == nil {
		return
	}
	for _, l := range g.all {
		l.end(stage)
	}
}

// stop ends the loops' goroutines when all connections are gone. g may be nil.
func (g *loops) stop() {
	if g == nil {
		return
	}
	for _, l := range g.all {
		l.stop()
	}
}

// Package memory has a buffered, full-duplex byte stream between two ends of one process. Unlike net.Pipe, a write returns without
// a reader as long as there is room, so that two ends may write at once.
package memory

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// capacity is how many bytes a direction holds.
const capacity = 64 << 10

// Pipe returns two connected ends. Besides net.Conn's methods each has CloseWrite.
func Pipe() (a, b *End) {
	x, y := newStream(), newStream()
	return &End{in: x, out: y}, &End{in: y, out: x}
}

// End is one end of a Pipe, safe for concurrent use.
type End struct{ in, out *stream }

// Read reads what has arrived, waiting for the first byte, and returns io.EOF after the other end has closed its side.
func (e *End) Read(p []byte) (int, error) { return e.in.read(p) }

// Write waits until all of p has found room.
func (e *End) Write(p []byte) (int, error) { return e.out.write(p) }

// CloseWrite ends the stream to the other end.
func (e *End) CloseWrite() error {
	e.out.closeWrite()
	return nil
}

// Close ends both directions. What was written can still be read at the other end.
func (e *End) Close() error {
	e.out.closeWrite()
	e.in.closeRead()
	return nil
}

// SetDeadline sets both deadlines.
func (e *End) SetDeadline(t time.Time) error {
	e.SetReadDeadline(t)
	return e.SetWriteDeadline(t)
}

// SetReadDeadline sets the time at which reads give up with os.ErrDeadlineExceeded.
func (e *End) SetReadDeadline(t time.Time) error {
	e.in.setDeadline(&e.in.reader, t)
	return nil
}

// SetWriteDeadline sets the time at which writes give up with os.ErrDeadlineExceeded.
func (e *End) SetWriteDeadline(t time.Time) error {
	e.out.setDeadline(&e.out.writer, t)
	return nil
}

// LocalAddr returns a placeholder.
func (e *End) LocalAddr() net.Addr { return addr{} }

// RemoteAddr returns a placeholder.
func (e *End) RemoteAddr() net.Addr { return addr{} }

type addr struct{}

func (addr) Network() string { return "pipe" }
func (addr) String() string  { return "pipe" }

// stream is one direction: a ring of the bytes that were written and not read.
type stream struct {
	mu       sync.Mutex // guards the fields below
	cond     sync.Cond  // any of them changed
	ring     []byte
	at, have int // ring[at:at+have], wrapping, is unread

	ended  bool // no more will be written
	broken bool // no more will be read

	reader, writer deadline
}

type deadline struct {
	passed bool
	timer  *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.cond.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.broken:
			return 0, net.ErrClosed
		case s.reader.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.have > 0:
			n := copy(p, s.ring[s.at:min(s.at+s.have, len(s.ring))])
			n += copy(p[n:], s.ring[:max(0, min(s.have-n, s.at))])
			s.at = (s.at + n) % len(s.ring)
			s.have -= n
			s.cond.Broadcast()
			return n, nil
		case s.ended:
			return 0, io.EOF
		}
		s.cond.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.ended:
			return n, net.ErrClosed
		case s.broken:
			return n, io.ErrClosedPipe
		case s.writer.passed:
			return n, os.ErrDeadlineExceeded
		case len(p) == 0:
			return n, nil
		}
		if s.ring == nil {
			s.ring = make([]byte, capacity)
		}
		if room := len(s.ring) - s.have; room > 0 {
			end := (s.at + s.have) % len(s.ring)
			m := copy(s.ring[end:min(end+room, len(s.ring))], p)
			p = p[m:]
			n += m
			s.have += m
			s.cond.Broadcast()
			continue
		}
		s.cond.Wait()
	}
}

func (s *stream) closeWrite() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.writer.stop()
	s.cond.Broadcast()
}

func (s *stream) closeRead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = true
	s.reader.stop()
	s.cond.Broadcast()
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (s *stream) setDeadline(d *deadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	d.passed = false
	if t.IsZero() {
		return
	}
	if left := time.Until(t); left > 0 {
		var timer *time.Timer
		timer = time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if d.timer == timer {
				d.passed = true
				s.cond.Broadcast()
			}
		})
		d.timer = timer
		return
	}
	d.passed = true
	s.cond.Broadcast()
}

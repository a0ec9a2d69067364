package endpoint

import "github.com/laminar-ws/laminar/frame"

// Owe remembers that the ping with payload p is to be answered as soon as that is possible. A later ping
// takes its place: "MAY elect to send a Pong frame for only the most recently processed Ping frame" (RFC 6455 section 5.5.3), so
// that what a flood of pings can make a connection hold does not grow.
func (s *Sender) Owe(p []byte) {
	s.owes = !s.closed
	if s.owed == nil {
		s.owed = new(owed)
	}
	s.owed.n = copy(s.owed.p[:], p)
}

// Owes reports whether AppendOwed has something to append.
func (s *Sender) Owes() bool { return s.owes }

// AppendOwed appends the pong that is owed, if one is.
func (s *Sender) AppendOwed(dst []byte) []byte {
	if !s.owes {
		return dst
	}
	s.owes = false
	return s.AppendFrame(dst, frame.Header{Fin: true, Opcode: frame.Pong}, s.owed.p[:s.owed.n])
}

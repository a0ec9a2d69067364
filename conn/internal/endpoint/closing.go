package endpoint

import (
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// Closed reports whether a Close frame was sent.
func (s *Sender) Closed() bool { return s.closed }

// AppendClose appends a Close frame, after which nothing may be sent. The second call and all after it append nothing.
func (s *Sender) AppendClose(dst []byte, code closecode.Code, reason string) []byte {
	if s.closed {
		return dst
	}
	s.closed = true
	s.owes = false
	var payload [frame.MaxControlPayload]byte
	return s.AppendFrame(dst, frame.Header{Fin: true, Opcode: frame.Close}, frame.AppendClose(payload[:0], code, reason))
}

package endpoint

import (
	"errors"

	"github.com/laminar-ws/laminar/frame"
)

// What a Sender is asked for and must not do.
var (
	ErrCloseSent   = errors.New("websocket: a Close frame was sent; no frame may follow it (RFC 6455 section 5.5.1)")
	ErrControlSize = errors.New("websocket: payload of a control frame is longer than 125 bytes (RFC 6455 section 5.5)")
)

// Sender turns messages into frames, masked where its role demands it. The zero value is a server's.
type Sender struct {
	role   frame.Role
	closed bool // a Close frame was sent

	owes bool  // a ping waits for its pong
	owed *owed // that ping's payload; nil: none was ever owed
}

// owed is the payload of a control frame.
type owed struct {
	n int
	p [frame.MaxControlPayload]byte
}

// NewSender returns a Sender at the start of a connection.
func NewSender(role frame.Role) Sender { return Sender{role: role} }

// Role returns the role that the Sender was made with.
func (s *Sender) Role() frame.Role { return s.role }

// Masks reports whether payloads must be masked.
func (s *Sender) Masks() bool { return s.role == frame.Client }

// AppendFrame appends one frame to dst, with h's Fin, Rsv1 and Opcode; length and masking are set here. p is neither kept nor changed.
func (s *Sender) AppendFrame(dst []byte, h frame.Header, p []byte) []byte {
	dst, key := s.AppendHeader(dst, h, len(p))
	if s.role == frame.Client {
		return frame.AppendMasked(dst, p, key)
	}
	return append(dst, p...)
}

// AppendHeader appends the header of a frame whose payload of n bytes the caller sends itself, masked with
// the key where Masks reports true.
func (s *Sender) AppendHeader(dst []byte, h frame.Header, n int) ([]byte, frame.Key) {
	h.Length = int64(n)
	if s.role == frame.Client {
		h.Masked, h.Key = true, frame.NewKey()
	}
	return frame.AppendHeader(dst, h), h.Key
}

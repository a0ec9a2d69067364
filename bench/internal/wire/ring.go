package wire

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// MaxSize is the largest payload a Ring takes, in bytes.
const MaxSize = 64 << 20

// minSlots is how many distinct messages a ring of small payloads has at least, so that an echo in the wrong
// place is seen also where only one message is in flight.
const minSlots = 16

// smallSize is the payload size up to which minSlots holds; above it the ring has only the slots it needs.
const smallSize = 64 << 10

// Shape says what the messages of a Ring look like.
type Shape struct {
	Op     byte // Text or Binary
	Size   int  // payload bytes per message, 0 to MaxSize
	Window int  // the most messages one connection has in flight, at least 1

	// Unmasked leaves out the masking, so that each frame is already what a WebSocket server would
	// echo: a plain TCP echo then passes for one. No WebSocket server may accept it (RFC 6455 section 5.1).
	Unmasked bool
}

// Ring is the endless sequence of messages a connection sends, encoded once. A Ring does not change
// after NewRing, and any number of connections and goroutines share it.
//
// The frames lie side by side, and the first Window of them once more at the end, so that whatever is due
// from any position is one slice and one write:
//
//	| slot 0 | slot 1 | ... | slot s-1 | slot 0 | ... | slot w-1 |
//	^-- a position is below here ------^
type Ring struct {
	shape    Shape
	frames   []byte   // as drawn above
	frameLen int      // bytes per frame on the way out
	slots    int      // distinct messages
	payloads [][]byte // what each slot carries, unmasked
	header   []byte   // what an unfragmented echo begins with
}

// NewRing encodes the messages of s. The payloads are pseudo-random, the same in every run: printable ASCII for
// Text, any bytes for Binary. It fails where s is out of bounds.
func NewRing(s Shape) (*Ring, error) {
	switch {
	case s.Op != Text && s.Op != Binary:
		return nil, fmt.Errorf("wire: opcode %d is not that of a data message", s.Op)
	case s.Size < 0 || s.Size > MaxSize:
		return nil, fmt.Errorf("wire: a payload of %d bytes; want 0 to %d", s.Size, MaxSize)
	case s.Window < 1:
		return nil, errors.New("wire: a window below one message")
	}
	r := &Ring{shape: s, slots: s.Window, header: appendHeader(nil, s.Op, s.Size, false)}
	if s.Size <= smallSize {
		r.slots = max(r.slots, minSlots)
	}
	rng := rand.New(rand.NewPCG(6455, 7692))
	for range r.slots {
		p := payload(rng, s)
		r.payloads = append(r.payloads, p)
		r.frames = appendFrame(r.frames, p, s, rng.Uint32())
	}
	r.frameLen = len(r.frames) / r.slots
	r.frames = append(r.frames, r.frames[:s.Window*r.frameLen]...)
	return r, nil
}

func payload(rng *rand.Rand, s Shape) []byte {
	p := make([]byte, s.Size)
	for i := range p {
		if s.Op == Text {
			p[i] = byte(' ' + rng.IntN('~'-' '+1))
		} else {
			p[i] = byte(rng.Uint32())
		}
	}
	return p
}

func appendFrame(dst, payload []byte, s Shape, key uint32) []byte {
	dst = appendHeader(dst, s.Op, len(payload), !s.Unmasked)
	if s.Unmasked {
		return append(dst, payload...)
	}
	k := [4]byte{byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)}
	dst = append(dst, k[:]...)
	for i, b := range payload {
		dst = append(dst, b^k[i%len(k)])
	}
	return dst
}

// Slots returns how many distinct messages the ring has; message i of a connection that started at
// slot f is that of slot (f+i) modulo Slots.
func (r *Ring) Slots() int { return r.slots }

// Sender is the place of one connection in a Ring: what it has sent, and what it still owes the socket.
// It is for one goroutine at a time.
type Sender struct {
	ring *Ring
	pos  int // offset in ring.frames of the first byte owed; below slots*frameLen
	owed int // bytes; at most Window frames
}

// NewSender returns a Sender whose first message is that of the slot given, modulo Slots.
func (r *Ring) NewSender(slot int) Sender {
	return Sender{ring: r, pos: slot % r.slots * r.frameLen}
}

// Owe makes n more messages due. It panics where more than the Window would be due at once.
func (s *Sender) Owe(n int) {
	if n > s.ring.shape.Window-(s.owed+s.ring.frameLen-1)/s.ring.frameLen {
		panic("wire: more messages due than the window holds")
	}
	s.owed += n * s.ring.frameLen
}

// Due returns the bytes that are due, all of them, as they belong on the wire. They belong to the ring: they may be
// read until the process ends, and never changed.
func (s *Sender) Due() []byte { return s.ring.frames[s.pos : s.pos+s.owed] }

// Sent takes note that the first n bytes of Due were written.
func (s *Sender) Sent(n int) {
	s.owed -= n
	s.pos = (s.pos + n) % (s.ring.slots * s.ring.frameLen)
}

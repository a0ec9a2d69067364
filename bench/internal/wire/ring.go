package wire

import "math/rand/v2"

// Ring is the endless sequence of messages a connection sends, encoded once. A Ring does not change
// after NewRing, and any number of connections and goroutines share it.
//
// Uncompressed frames lie side by side, and the first Window of them once more at the end, so that whatever is due
// from any position is one slice and one write:
//
//	| slot 0 | slot 1 | ... | slot s-1 | slot 0 | ... | slot w-1 |
//	^-- a position is below here ------^
type Ring struct {
	shape    Shape
	frames   []byte    // as drawn above
	frameLen int       // bytes per frame on the way out
	slots    int       // distinct messages
	payloads [][]byte  // what each slot carries, unmasked and uncompressed
	header   []byte    // what an unfragmented, uncompressed echo begins with
	deflated *deflated // the frames, if they are compressed; then frames is empty
}

// NewRing encodes the messages of s. The payloads are pseudo-random, the same in every run: printable ASCII for
// Text, any bytes for Binary, trades for JSON. It fails where s is out of bounds.
func NewRing(s Shape) (*Ring, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	r := &Ring{shape: s, slots: max(s.Window, leastSlots(s)), header: appendHeader(nil, s.Op, s.Size, false)}
	rng := rand.New(rand.NewPCG(6455, 7692))
	next := func() []byte { return payload(rng, s) }
	if s.JSON {
		e := newExchange(rng)
		next = func() []byte { return e.next(s.Size) }
	}
	for range r.slots {
		r.payloads = append(r.payloads, next())
	}
	if s.Compression != Uncompressed {
		if err := r.deflate(rng); err != nil {
			return nil, err
		}
		return r, nil
	}
	for _, p := range r.payloads {
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
	if s.Unmasked {
		return append(appendHeader(dst, s.Op, len(payload), false), payload...)
	}
	return AppendMasked(dst, s.Op, payload, key)
}

// Slots returns how many distinct messages the ring has; message j of a connection that started at
// slot f is that of slot (f+j) modulo Slots.
func (r *Ring) Slots() int { return r.slots }

// start returns the slot of the first message of connection i.
func (r *Ring) start(i int) int {
	if r.shape.Compression == Takeover {
		return i % starts * r.slots / starts
	}
	return i % r.slots
}

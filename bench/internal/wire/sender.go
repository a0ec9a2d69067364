package wire

// Sender is the place of one connection in a Ring: what it has sent, and what it still owes the socket.
// It is for one goroutine at a time.
type Sender struct {
	ring     *Ring
	pos      int          // offset in ring.frames of the first byte owed; below slots*frameLen
	owed     int          // bytes; at most Window frames
	deflated *trackSender // does it all, where the ring is compressed
}

// NewSender returns the Sender of connection i, from 0. It begins at the slot i modulo Slots, or with context takeover at one of 16
// slots.
func (r *Ring) NewSender(i int) Sender {
	if r.deflated != nil {
		return Sender{ring: r, deflated: r.deflated.sender(r, i)}
	}
	return Sender{ring: r, pos: r.start(i) * r.frameLen}
}

// Owe makes n more messages due. It panics where more than the Window would be due at once.
func (s *Sender) Owe(n int) {
	if s.deflated != nil {
		s.deflated.owe(n)
		return
	}
	if n > s.ring.shape.Window-(s.owed+s.ring.frameLen-1)/s.ring.frameLen {
		panic("wire: more messages due than the window holds")
	}
	s.owed += n * s.ring.frameLen
}

// Due returns the bytes that are due, all of them, as they belong on the wire. They belong to the ring: they may be
// read until the process ends, and never changed.
func (s *Sender) Due() []byte {
	if s.deflated != nil {
		return s.deflated.due()
	}
	return s.ring.frames[s.pos : s.pos+s.owed]
}

// Sent takes note that the first n bytes of Due were written.
func (s *Sender) Sent(n int) {
	if s.deflated != nil {
		s.deflated.sent(n)
		return
	}
	s.owed -= n
	s.pos = (s.pos + n) % (s.ring.slots * s.ring.frameLen)
}

// RunningUp reports whether the connection has yet to send a window's worth, with context takeover. What its messages are compressed to, and
// what the server has to do for them, is the same for each only from then on.
func (s *Sender) RunningUp() bool {
	return s.deflated != nil && s.deflated.track != s.ring.deflated.loop
}

// PayloadBytes returns how many bytes of payload, as compressed, the frames sent so far had. It is 0 without
// compression, where each has Shape.Size.
func (s *Sender) PayloadBytes() int64 {
	if s.deflated == nil {
		return 0
	}
	return s.deflated.payload
}

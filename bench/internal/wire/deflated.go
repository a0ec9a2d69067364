package wire

import (
	"fmt"
	"math/rand/v2"
)

// starts is how many places of the ring connections with context takeover begin at: an echo that came out of another
// connection's window is seen on 15 of 16, and each place costs a run-up.
const starts = 16

// deflated is the compressed part of a Ring.
//
// Without context takeover every frame stands for itself, and the ring is one loop. With it a frame refers back to as much as the
// window holds, which a connection that has just begun has not sent yet. There, the connections that begin at one slot have a run-up
// in common: a window's worth of messages, each compressed with references to those of the run-up before it, as by
// any client. The loop goes on from there. Its frames refer to the messages before them in the ring, and not
// further back than a window; so they are right in every lap, and for whichever run-up they follow.
//
//	run-up of slot f: | f | f+1 | ... | f+n-1 |-.
//	loop:        .-> | 0 | 1 | ... | f+n | ... | s-1 |-.    all slots modulo s
//	             '------------------------------------'
type deflated struct {
	loop   *track
	runUps []*track // nil without takeover
}

// deflate makes r's frames from its payloads.
func (r *Ring) deflate(rng *rand.Rand) error {
	reach := window(r.shape.ClientMaxWindowBits)
	small := reach < window(DefaultWindowBits)
	if r.shape.Compression == Takeover && small && r.shape.Size > reach {
		return fmt.Errorf("wire: messages of %d bytes over a window of %d; want no more than it holds", r.shape.Size, reach)
	}
	d := &deflated{loop: newTrack()}
	c := newCompressor()
	for slot := range r.slots {
		switch {
		case r.shape.Compression == NoTakeover:
			c.reset()
		case small:
			// compress/flate knows only the largest window. Whatever it refers to in the part of a smaller one that the message leaves
			// over, and in the message, is in reach.
			c.reset()
			c.append(nil, r.before(slot, reach-r.shape.Size))
		case slot == 0:
			c.reset()
			c.append(nil, r.before(slot, reach))
		}
		r.addDeflated(d.loop, c, slot, rng)
	}
	d.loop.lead(d.loop, 0, r.shape.Window)
	r.deflated = d
	if r.shape.Compression == NoTakeover {
		return nil
	}
	for i := range starts {
		up := newTrack()
		c.reset()
		n := r.runUp()
		for j := range n {
			r.addDeflated(up, c, (r.start(i)+j)%r.slots, rng)
		}
		up.lead(d.loop, (r.start(i)+n)%r.slots, r.shape.Window)
		d.runUps = append(d.runUps, up)
	}
	return nil
}

// addDeflated adds the frame of a slot to t, compressed with what c was given before.
func (r *Ring) addDeflated(t *track, c *compressor, slot int, rng *rand.Rand) {
	body := c.append(nil, r.payloads[slot])
	frame := appendFrame(nil, body, r.shape, rng.Uint32())
	frame[0] |= rsv1Bit
	t.add(frame, len(body))
}

// before returns the last n bytes of the messages before the one of slot, with those of earlier laps.
func (r *Ring) before(slot, n int) []byte {
	b := make([]byte, n)
	for i := n; i > 0; {
		slot = (slot + r.slots - 1) % r.slots
		p := r.payloads[slot]
		p = p[max(len(p)-i, 0):]
		i -= copy(b[i-len(p):i], p)
	}
	return b
}

// runUp returns how many messages the run-up to the loop has: as many as fit into the window, or, where the compressor itself never refers
// back further than the window, as many as fill it.
func (r *Ring) runUp() int {
	reach := window(r.shape.ClientMaxWindowBits)
	if reach < window(DefaultWindowBits) {
		return reach / r.shape.Size
	}
	return (reach + r.shape.Size - 1) / r.shape.Size
}

// sender returns the sender of connection i.
func (d *deflated) sender(r *Ring, i int) *trackSender {
	if d.runUps != nil {
		return &trackSender{track: d.runUps[i%starts], window: r.shape.Window}
	}
	slot := r.start(i)
	return &trackSender{track: d.loop, frame: slot, pos: d.loop.at[slot], window: r.shape.Window}
}

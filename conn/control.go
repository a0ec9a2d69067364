package conn

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/laminar-ws/laminar/frame"
)

// controlBacklog is how many bytes may wait when a control frame is added: as much data as is ever admitted, and 4 KiB of control frames.
const controlBacklog = gatherLimit + frame.MaxHeaderLen + copyLimit + 4<<10

// pong answers a ping. It never waits: where a write is in progress the pong is owed, and the next ping takes its place.
func (c *Conn) pong(payload []byte) {
	o := &c.out
	o.mu.Lock()
	switch {
	case o.refusal() != nil:
		o.mu.Unlock()
	case o.busy || o.blocked || o.full():
		o.snd.Owe(payload)
		o.mu.Unlock()
	default:
		o.append(frame.Header{Fin: true, Opcode: frame.Pong}, payload)
		if c.in.rcv.Waiting(c.in.rest) {
			c.in.flush = true
			c.armStall()
			o.mu.Unlock()
			return
		}
		c.pushLocked()
	}
}

// WritePing sends a ping with the given payload of at most 125 bytes, without waiting for its pong, which OnPong gets. It never waits for the
// transport; where the peer has not read for so long that there is no room for the ping, it returns an error. p is neither kept nor changed.
func (c *Conn) WritePing(p []byte) error { return c.writeControl(frame.Ping, p) }

// WritePong sends a pong that no ping asked for, "a unidirectional heartbeat" (RFC 6455 section 5.5.3), with a payload of at most 125
// bytes. Pings are answered without it. It never waits, as WritePing. p is neither kept nor changed.
func (c *Conn) WritePong(p []byte) error { return c.writeControl(frame.Pong, p) }

func (c *Conn) writeControl(op frame.Opcode, p []byte) error {
	if len(p) > frame.MaxControlPayload {
		return errControlSize
	}
	o := &c.out
	o.mu.Lock()
	if err := o.refuseControl(); err != nil {
		o.mu.Unlock()
		return err
	}
	o.append(frame.Header{Fin: true, Opcode: op}, p)
	c.pushLocked()
	return nil
}

// refuseControl returns why no control frame can be sent now, or nil.
func (o *output) refuseControl() error {
	if err := o.refusal(); err != nil {
		return err
	}
	if o.pending != nil && len(o.pending.B) > controlBacklog {
		return errBacklog
	}
	return nil
}

// pendingPing is a Ping that waits for its pong.
type pendingPing struct {
	id   uint64
	sent time.Time
	trip time.Duration // how long the pong took, once answered
	done bool
}

// Ping sends a ping and waits for its pong. It returns the round trip, as the reading side saw it. A goroutine must be reading from the connection, or
// Serve running, for the pong to be seen; where nobody does, only the end of ctx or of the connection ends the wait. From a function that an
// event loop calls (Driver), Ping returns an error.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	o := &c.out
	o.mu.Lock()
	err := o.refuseControl()
	if err == nil && o.driven && onLoop() {
		err = errOnLoop
	}
	if err != nil {
		o.mu.Unlock()
		return 0, err
	}
	// Its place among the pings is its place on the wire: see ponged.
	o.own().pingID++
	p := &pendingPing{id: o.pingID, sent: time.Now()}
	o.own().pings = append(o.pings, p)
	var payload [8]byte
	o.append(frame.Header{Fin: true, Opcode: frame.Ping}, binary.BigEndian.AppendUint64(payload[:0], p.id))
	c.pushLocked()
	o.mu.Lock()
	defer o.mu.Unlock()
	for err == nil && !p.done {
		if err = o.end; err == nil {
			err = o.waitLocked(ctx)
		}
	}
	if p.done {
		return p.trip, nil
	}
	o.pings = slices.DeleteFunc(o.pings, func(q *pendingPing) bool { return q == p })
	return 0, err
}

// ponged ends the wait of the ping that the payload belongs to, and of those sent before it: a peer may answer only the
// latest (RFC 6455 section 5.5.3).
func (c *Conn) ponged(payload []byte) {
	if len(payload) != 8 {
		return
	}
	id := binary.BigEndian.Uint64(payload)
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	at := slices.IndexFunc(o.pings, func(p *pendingPing) bool { return p.id == id })
	if at < 0 {
		return
	}
	now := time.Now()
	for _, p := range o.pings[:at+1] {
		p.done, p.trip = true, now.Sub(p.sent)
	}
	o.pings = slices.Delete(o.pings, 0, at+1)
	o.wake()
}

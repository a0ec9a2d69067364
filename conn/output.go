package conn

import (
	"context"
	"sync"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

const (
	// gatherLimit is how many bytes of frames may wait for the system call of another goroutine, or for the end of a batch.
	gatherLimit = 64 << 10
	// copyLimit is the longest payload, in bytes, that is copied beside its header. A longer one leaves as a vector (server) or is
	// masked in parts of maskPart (client).
	copyLimit = 16 << 10
	maskPart  = 64 << 10
	// inlineRounds is how often a writer takes the frames of others along before a goroutine relieves it.
	inlineRounds = 8
)

// output is the sending side.
//
// Frames are appended to pending in the order in which they will be on the wire. One goroutine at a time, the one that set
// busy, writes; what is appended meanwhile is its next batch. While a batch of input is answered (corked), nobody writes
// until the last of it, or until 64 KiB have gathered, or for 1 ms.
type output struct {
	mu      sync.Mutex
	snd     endpoint.Sender
	pending *bufpool.Buffer // frames that no system call has taken yet; nil: none

	busy      bool // a goroutine is writing
	corked    bool // replies gather
	message   bool // a message is in progress: a NextWriter's, or one that is being compressed
	packing   bool // the latter, on a driven connection
	shut      bool // the transport is being closed
	closed    bool // and was
	armed     bool // stall is running
	driven    bool // the transport takes what it can without waiting: see pumpLocked
	blocked   bool // it has not taken all, and is not written to until Writable
	again     bool // Writable came while a goroutine was writing
	finishing bool // the connection has ended, and the transport is closed when all is sent
	parted    bool // and was: see farewell
	peerDone  bool // the peer has closed its side of it

	interrupted bool // the transport's deadline is in the past, because the writer's context ended

	*rare // to be read; own is to be called before a field is written
}

// rare is what an output has that most connections do not need most of the time.
type rare struct {
	line    []*stretch    // those that wait to be admitted
	changed chan struct{} // closed at the next change that someone may wait for; nil: nobody waits
	turns   int           // how often the reading side was left during a Shutdown
	end     error         // why the connection ended; nil: it goes on
	closing *CloseError   // what this side's Close frame said, where it was the first

	deflater *deflate.Compressor // with context takeover; whoever was admitted may use it

	stall    *time.Timer // ends a gathering that takes too long
	deadline time.Time   // as SetWriteDeadline has set it

	// Of a driven connection.
	rest      *bufpool.Buffer // of a batch of which the transport has taken a part
	queue     []outgoing      // messages that are framed when it has taken that
	queued    int             // bytes of payload in it
	dropped   uint64          // messages for which there was no room
	discarded int             // bytes of input since the connection has ended
	bound     *time.Timer     // cuts the connection off when closing it takes too long
	unbind    func() bool     // stops the context that does the same
	late      *time.Timer     // cuts it off when deadline passes

	pings  []*pendingPing // in the order in which they were sent
	pingID uint64         // of the latest
}

// none is that of all connections that need none. It is never written.
var none rare

func (o *output) init(role frame.Role) {
	o.snd = endpoint.NewSender(role)
	o.rare = &none
}

// own returns o.rare to be written.
func (o *output) own() *rare {
	if o.rare == &none {
		o.rare = new(rare)
	}
	return o.rare
}

// wake tells all who wait that something changed.
func (o *output) wake() {
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
	o.callNext()
}

// waitLocked waits for the next change, with o.mu released meanwhile.
func (o *output) waitLocked(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.changed == nil {
		o.own().changed = make(chan struct{})
	}
	changed := o.changed
	o.mu.Unlock()
	defer o.mu.Lock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refusal returns why nothing can be sent any more, or nil.
func (o *output) refusal() error {
	switch {
	case o.end != nil:
		return o.end
	case o.snd.Closed():
		return errCloseSent
	}
	return nil
}

// room makes sure that pending can take n more bytes.
func (o *output) room(n int) {
	if o.pending == nil {
		o.pending = bufpool.Get(n)
	} else {
		o.pending.Grow(n)
	}
}

// append puts a frame behind what is pending.
func (o *output) append(h frame.Header, p []byte) {
	o.room(frame.MaxHeaderLen + len(p))
	o.pending.B = o.snd.AppendFrame(o.pending.B, h, p)
}

func (o *output) appendClose(code closecode.Code, reason string) {
	o.room(frame.MaxHeaderLen + frame.MaxControlPayload)
	o.pending.B = o.snd.AppendClose(o.pending.B, code, reason)
}

// full reports whether what is pending must leave before more is added.
func (o *output) full() bool { return o.pending != nil && len(o.pending.B) >= gatherLimit }

// take returns the next batch, whose owner the caller becomes; nil where nothing is to be sent.
func (o *output) take() *bufpool.Buffer {
	if o.snd.Owes() {
		o.room(frame.MaxHeaderLen + frame.MaxControlPayload)
		o.pending.B = o.snd.AppendOwed(o.pending.B)
	}
	if o.armed {
		o.armed = false
		o.stall.Stop()
	}
	batch := o.pending
	o.pending = nil
	return batch
}

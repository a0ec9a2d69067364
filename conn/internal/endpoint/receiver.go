package endpoint

import (
	"io"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/internal/utf8x"
)

var errDeflate = &frame.Error{Code: closecode.InvalidPayload, Section: "RFC 7692 section 7.2.2", Msg: "compressed message is malformed"}

var errText = &frame.Error{Code: closecode.InvalidPayload, Section: "RFC 6455 section 8.1", Msg: "text is not valid UTF-8"}

// Receiver walks the bytes that a peer sends. It takes all it is given: what does not complete an event is remembered, a
// header as up to 14 bytes, a payload as nothing but its position, since its bytes went out with the events.
type Receiver struct {
	rules frame.Validator
	limit limit
	text  utf8x.Validator // the text message in progress
	left  int64           // payload bytes of the current frame still to come
	err   error           // what ended the receiving, for ever

	key       frame.Key
	pos       int8 // offset in the payload, modulo 4
	masked    bool
	inFrame   bool // the header was read, the payload not all of it
	fin       bool // the current frame is the last of its message, or a control frame
	fresh     bool // no event went out for the current message yet
	deflated  bool // the current message is compressed
	unchecked bool // the payload of the current message is not checked to be UTF-8 as it is
	skip      bool // nor is any other, nor what is inflated
	closed    bool // a Close frame was received

	op      frame.Opcode // of the current frame, where it is a control frame, else Continuation
	message frame.Opcode // of the data message in progress

	head    [frame.MaxHeaderLen]byte // the first headLen bytes of a header that came in pieces
	headLen uint8
	control []byte // the first bytes of a control payload that came in pieces
}

// Config is what a Receiver holds its peer to.
type Config struct {
	From       frame.Role // the peer's role
	MaxMessage int64      // bytes per message; negative: no limit
	SkipUTF8   bool       // accept text that is not UTF-8
	Deflate    bool       // permessage-deflate was agreed on: messages may be compressed
}

// NewReceiver returns a Receiver at the start of a connection.
func NewReceiver(cfg Config) Receiver {
	return Receiver{
		rules: frame.Validator{From: cfg.From, Rsv1: cfg.Deflate},
		limit: newLimit(cfg.MaxMessage),
		skip:  cfg.SkipUTF8,
	}
}

// Next takes input from the front of in, unmasking it in place, and returns the event that it amounts to and how many bytes it took. It
// took all of them when the event is None. An error is a *frame.Error and stays the same for ever. After the peer's Close
// frame all input is taken and none looked at ("discard any further data received", RFC 6455 section 1.4).
func (r *Receiver) Next(in []byte) (ev Event, n int, err error) {
	if r.err != nil {
		return Event{}, 0, r.err
	}
	if r.closed {
		return Event{}, len(in), nil
	}
	if !r.inFrame {
		n, err = r.header(in)
		if err != nil {
			r.err = err
			return Event{}, n, err
		}
		if !r.inFrame {
			return Event{}, n, nil
		}
	}
	part := in[n:]
	if int64(len(part)) > r.left {
		part = part[:r.left]
	}
	ev, err = r.Payload(part)
	return ev, n + len(part), err
}

// header takes a header from the front of in. It leaves inFrame unset where in ends before the header does.
func (r *Receiver) header(in []byte) (n int, err error) {
	src, before := in, int(r.headLen)
	if before > 0 {
		src = r.head[:before+copy(r.head[before:], in)]
	}
	h, size, err := frame.ParseHeader(src)
	if err == io.ErrUnexpectedEOF {
		if before == 0 {
			copy(r.head[:], in)
		}
		r.headLen = uint8(len(src))
		return len(in), nil
	}
	if err != nil {
		return 0, err
	}
	n = size - before
	r.headLen = 0
	if err := r.rules.Check(h); err != nil {
		return n, err
	}
	if h.Opcode.IsControl() {
		r.op = h.Opcode
	} else {
		r.op = frame.Continuation
		if h.Opcode != frame.Continuation {
			r.message = h.Opcode
			r.fresh = true
			r.deflated = h.Rsv1
			r.unchecked = r.skip || h.Opcode != frame.Text || h.Rsv1
		}
		if err := r.limit.add(h, r.deflated); err != nil {
			return n, err
		}
	}
	r.key, r.masked, r.pos = h.Key, h.Masked, 0
	r.left, r.fin, r.inFrame = h.Length, h.Fin, true
	return n, nil
}

// Remaining returns how many payload bytes of the current data frame are still to come; 0 outside of one. So many may be read from
// the peer to wherever they belong and given to Payload there.
func (r *Receiver) Remaining() int64 {
	if !r.inFrame || r.op.IsControl() {
		return 0
	}
	return r.left
}

// Message returns the type of the data message in progress, and whether it is compressed.
func (r *Receiver) Message() (op frame.Opcode, deflated bool) { return r.message, r.deflated }

// Inflated takes p, the next part of what the current message, a compressed one, was inflated to, and holds it to the limit and to UTF-8. fin says
// that it is the last. An error stays the same for ever.
func (r *Receiver) Inflated(p []byte, fin bool) error {
	if r.err != nil {
		return r.err
	}
	if r.err = r.limit.inflate(len(p)); r.err != nil {
		return r.err
	}
	if r.message == frame.Text && !r.skip && !(r.text.Write(p) && (!fin || r.text.Complete())) {
		r.err = errText
	}
	return r.err
}

// Malformed says that the current message's payload cannot be inflated. It returns the error, which stays the same for ever.
func (r *Receiver) Malformed() error {
	if r.err == nil {
		r.err = errDeflate
	}
	return r.err
}

// Payload takes the next bytes of the current frame's payload, at most as many as are left of it, unmasks them in place, and returns what they
// amount to.
func (r *Receiver) Payload(p []byte) (Event, error) {
	if r.masked && len(p) > 0 {
		r.pos = int8(frame.Mask(p, r.key, int(r.pos)))
	}
	r.left -= int64(len(p))
	if r.left == 0 {
		r.inFrame = false
	}
	var ev Event
	var err error
	if r.op.IsControl() {
		ev, err = r.controlFrame(p)
	} else {
		ev, err = r.data(p)
	}
	r.err = err
	return ev, err
}

func (r *Receiver) data(p []byte) (Event, error) {
	fin := r.fin && r.left == 0
	if !r.unchecked && !(r.text.Write(p) && (!fin || r.text.Complete())) {
		return Event{}, errText
	}
	if len(p) == 0 && r.left > 0 {
		return Event{}, nil
	}
	ev := Event{Kind: Data, First: r.fresh, Fin: fin, Rsv1: r.deflated, Op: r.message, Data: p}
	r.fresh = false
	return ev, nil
}

func (r *Receiver) controlFrame(p []byte) (Event, error) {
	if r.left > 0 || len(r.control) > 0 {
		if r.control == nil {
			r.control = make([]byte, 0, frame.MaxControlPayload)
		}
		r.control = append(r.control, p...)
		if r.left > 0 {
			return Event{}, nil
		}
		p, r.control = r.control, nil
	}
	switch r.op {
	case frame.Ping:
		return Event{Kind: Ping, Data: p}, nil
	case frame.Pong:
		return Event{Kind: Pong, Data: p}, nil
	}
	code, reason, err := frame.ParseClose(p)
	if err != nil {
		return Event{}, err
	}
	r.closed = true
	return Event{Kind: Close, Code: code, Data: reason}, nil
}

// Idle reports whether the Receiver is between two messages and two frames, with nothing to remember of those that came: a new one would do as well.
func (r *Receiver) Idle() bool {
	return !r.inFrame && r.headLen == 0 && !r.rules.Open() && !r.closed && r.err == nil
}

// ControlAhead reports whether the first byte of in, input not yet given to Next, belongs to a control frame. in must not be empty.
func (r *Receiver) ControlAhead(in []byte) bool {
	switch {
	case r.inFrame:
		return r.op.IsControl()
	case r.headLen > 0:
		return frame.Opcode(r.head[0] & 0xF).IsControl()
	}
	return frame.Opcode(in[0] & 0xF).IsControl()
}

// Waiting reports whether in, the input not yet given to Next, holds the whole rest of a frame: whether Next would have
// something to say without more from the peer.
func (r *Receiver) Waiting(in []byte) bool {
	if r.inFrame {
		return int64(len(in)) >= r.left
	}
	if len(in) == 0 || r.headLen > 0 {
		return false
	}
	h, n, err := frame.ParseHeader(in)
	return err == nil && h.Length <= int64(len(in)-n)
}

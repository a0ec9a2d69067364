package endpoint

import (
	"math"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// Fragments cost their receiver work that does not show in their length, so each that carries anything is charged at least
// fragmentCharge bytes. Those charges count against the message limit, or against smallLimit where the message limit is lower than that:
// there an honest peer may well cut a message into parts shorter than the charge. An empty fragment
// holds nothing and is charged nothing: 20,000 of them in a message of the default limit are legal.
const (
	fragmentCharge = 64
	smallLimit     = 64 << 10
)

// A stored block has 5 bytes more than its content, of which zlib's have 127 at least, at the setting that takes the least memory: 4 %.
const (
	deflateOverhead = 16 // this part of the content
	deflateLeast    = 64 // bytes
)

var errMessageLimit = &frame.Error{Code: closecode.MessageTooBig, Section: "RFC 6455 section 10.4", Msg: "message is over the limit"}

// limit bounds one message after another, each as its headers announce it.
type limit struct {
	max      int64 // bytes per message; math.MaxInt64: none
	have     int64 // bytes announced for this message so far
	charged  int64 // the same with each fragment at its charge
	inflated int64 // bytes that a compressed message was inflated to so far
}

func newLimit(max int64) limit {
	if max < 0 {
		max = math.MaxInt64
	}
	return limit{max: max}
}

// add takes the next frame of a message into account, before a byte of its payload is looked at. A compressed message of the limit's length may be longer on the wire, by what DEFLATE adds
// to content that it cannot compress.
func (l *limit) add(h frame.Header, deflated bool) error {
	most := l.max
	if deflated && most < math.MaxInt64/2 {
		most += most/deflateOverhead + deflateLeast
	}
	if h.Opcode != frame.Continuation {
		l.have, l.charged, l.inflated = 0, 0, 0
		if h.Fin { // not a fragment: counted as it is
			if h.Length > most {
				return errMessageLimit
			}
			return nil
		}
	}
	charge := h.Length
	if charge > 0 {
		charge = max(charge, fragmentCharge)
	}
	if h.Length > most-l.have || charge > max(most, smallLimit)-l.charged {
		return errMessageLimit
	}
	l.have += h.Length
	l.charged += charge
	return nil
}

// inflate takes the next n bytes of what a compressed message is inflated to into account.
func (l *limit) inflate(n int) error {
	if int64(n) > l.max-l.inflated {
		return errMessageLimit
	}
	l.inflated += int64(n)
	return nil
}

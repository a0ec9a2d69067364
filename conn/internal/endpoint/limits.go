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

var errMessageLimit = &frame.Error{Code: closecode.MessageTooBig, Section: "RFC 6455 section 10.4", Msg: "message is over the limit"}

// limit bounds one message after another, each as its headers announce it.
type limit struct {
	max     int64 // bytes per message; math.MaxInt64: none
	have    int64 // bytes announced for this message so far
	charged int64 // the same with each fragment at its charge
}

func newLimit(max int64) limit {
	if max < 0 {
		max = math.MaxInt64
	}
	return limit{max: max}
}

// add takes the next frame of a message into account, before a byte of its payload is looked at.
func (l *limit) add(h frame.Header) error {
	if h.Opcode != frame.Continuation {
		l.have, l.charged = 0, 0
		if h.Fin { // not a fragment: counted as it is
			if h.Length > l.max {
				return errMessageLimit
			}
			return nil
		}
	}
	charge := h.Length
	if charge > 0 {
		charge = max(charge, fragmentCharge)
	}
	if h.Length > l.max-l.have || charge > max(l.max, smallLimit)-l.charged {
		return errMessageLimit
	}
	l.have += h.Length
	l.charged += charge
	return nil
}

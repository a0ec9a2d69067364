package frame

// Validator holds the frames of one direction to the rules of RFC 6455 section 5 that go beyond a
// single header: reserved bits and opcodes, who masks, how control frames look, how fragments follow one another.
// Set the exported fields before the first Check; the zero value checks what a server sends. It is a plain
// value, to be used by one goroutine at a time.
type Validator struct {
	From     Role  // who sends the frames
	Rsv1     bool  // a negotiated extension defines RSV1 on the first frame of a message (RFC 7692 section 6)
	MaxFrame int64 // payload limit of a data frame in bytes; 0 or negative: none

	open bool // a fragmented message waits for its continuation
}

// Check takes the next header and returns an *Error where the sequence breaks a rule. After an error
// the direction cannot go on and Check must not be called again.
func (v *Validator) Check(h Header) error {
	if h.Masked != (v.From == Client) {
		if h.Masked {
			return errMasked
		}
		return errUnmasked
	}
	if h.Rsv2 || h.Rsv3 || h.Rsv1 && !v.Rsv1 {
		return errReservedBit
	}
	if h.Opcode.IsControl() || h.Opcode.IsReserved() {
		return checkControl(h)
	}
	if h.Opcode == Continuation {
		if !v.open {
			return errNoMessage
		}
		if h.Rsv1 {
			return errRsv1Place
		}
	} else if v.open {
		return errInterleaved
	}
	if v.MaxFrame > 0 && h.Length > v.MaxFrame {
		return errTooLong
	}
	v.open = !h.Fin
	return nil
}

// Open reports whether a fragmented message has begun and not ended.
func (v *Validator) Open() bool { return v.open }

func checkControl(h Header) error {
	switch {
	case h.Opcode.IsReserved():
		return errOpcode
	case h.Rsv1:
		return errRsv1Place
	case !h.Fin:
		return errControlFin
	case h.Length > MaxControlPayload:
		return errControlLong
	}
	return nil
}

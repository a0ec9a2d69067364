package frame_test

import (
	"io"
	"math"

	"github.com/laminar-ws/laminar/frame"
)

// What follows reads RFC 6455 section 5 once more, plainly and without the code under test: the figure of section 5.2
// by division, the rules one by one.

// plainParse reads the header that b begins with. more says that b is too short for it.
func plainParse(b []byte) (h frame.Header, size int, more bool, breach *frame.Error) {
	if len(b) < 2 {
		return h, 0, true, nil
	}
	first, second := int(b[0]), int(b[1])
	length := uint64(second % 128)
	size = 2
	if extra := map[uint64]int{126: 2, 127: 8}[length]; extra > 0 {
		if size += extra; len(b) < size {
			return h, 0, true, nil
		}
		least := map[int]uint64{2: 126, 8: 65536}[extra]
		length = 0
		for _, octet := range b[2:size] {
			length = length*256 + uint64(octet)
		}
		if length > math.MaxInt64 {
			return h, 0, false, frame.ErrTopBit
		}
		if length < least {
			return h, 0, false, frame.ErrNonMinimal
		}
	}
	if second >= 128 {
		if size += 4; len(b) < size {
			return h, 0, true, nil
		}
		h.Masked = true
		copy(h.Key[:], b[size-4:])
	}
	h.Fin = first/128%2 == 1
	h.Rsv1 = first/64%2 == 1
	h.Rsv2 = first/32%2 == 1
	h.Rsv3 = first/16%2 == 1
	h.Opcode = frame.Opcode(first % 16)
	h.Length = int64(length)
	return h, size, false, nil
}

// judge knows the sequence rules of one direction.
type judge struct {
	from     frame.Role
	rsv1     bool // negotiated
	maxFrame int64
	open     bool // inside a fragmented message
}

// breaches returns an error for every rule that h breaks; where there is none it takes h as sent.
func (j *judge) breaches(h frame.Header) (all []*frame.Error) {
	broken := func(is bool, e *frame.Error) {
		if is {
			all = append(all, e)
		}
	}
	const continuation, text, binary = 0, 1, 2
	opcode := int(h.Opcode)
	control := opcode >= 8
	broken(j.from == frame.Client && !h.Masked, frame.ErrUnmasked)
	broken(j.from == frame.Server && h.Masked, frame.ErrMasked)
	broken(h.Rsv2 || h.Rsv3, frame.ErrReservedBit)
	broken(h.Rsv1 && !j.rsv1, frame.ErrReservedBit)
	broken(h.Rsv1 && j.rsv1 && (control || opcode == continuation), frame.ErrRsv1Place)
	broken(opcode >= 3 && opcode <= 7 || opcode >= 11, frame.ErrOpcode)
	broken(control && !h.Fin, frame.ErrControlFin)
	broken(control && h.Length > 125, frame.ErrControlLong)
	broken(opcode == continuation && !j.open, frame.ErrNoMessage)
	broken((opcode == text || opcode == binary) && j.open, frame.ErrInterleaved)
	broken(!control && j.maxFrame > 0 && h.Length > j.maxFrame, frame.ErrTooLong)
	if all == nil && !control {
		j.open = !h.Fin
	}
	return all
}

// plainWalk reads the frames of b, all of which is there, and returns them with the errors that
// a Reader may end with. The last payload may be cut short.
func plainWalk(b []byte, j judge) (frames []record, ends []error) {
	frames = []record{}
	for {
		h, size, more, breach := plainParse(b)
		switch {
		case more && len(b) == 0:
			return frames, []error{io.EOF}
		case more:
			return frames, []error{io.ErrUnexpectedEOF}
		case breach != nil:
			return frames, []error{breach}
		}
		for _, e := range j.breaches(h) {
			ends = append(ends, e)
		}
		if ends != nil {
			return frames, ends
		}
		b = b[size:]
		here := min(uint64(h.Length), uint64(len(b)))
		payload := []byte{}
		for i, octet := range b[:here] {
			if h.Masked {
				octet ^= h.Key[i%4]
			}
			payload = append(payload, octet)
		}
		frames = append(frames, record{h, payload})
		if here < uint64(h.Length) {
			return frames, []error{io.ErrUnexpectedEOF}
		}
		b = b[here:]
	}
}

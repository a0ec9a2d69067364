package frame

import (
	"encoding/binary"
	"io"
)

// MaxHeaderLen is the length in bytes of the longest frame header: two bytes, an eight-byte
// length and a masking key.
const MaxHeaderLen = 14

// MaxControlPayload is the most that a control frame carries, in bytes (RFC 6455 section 5.5).
const MaxControlPayload = 125

// Header is a frame header (RFC 6455 section 5.2).
type Header struct {
	Fin, Rsv1, Rsv2, Rsv3 bool
	Masked                bool
	Opcode                Opcode
	Key                   Key   // meaningful where Masked is set
	Length                int64 // payload length in bytes, never negative
}

const (
	finBit  = 0x80
	rsv1Bit = 0x40
	rsv2Bit = 0x20
	rsv3Bit = 0x10
	maskBit = 0x80

	length16 = 126 // the 7-bit length that announces a 16-bit one
	length64 = 127 // and a 64-bit one
)

// ParseHeader reads the header that b begins with and returns it with its own length in bytes.
// It returns io.ErrUnexpectedEOF where b is too short to hold it, and an *Error where its length
// is not in the shortest form or has the top bit set: "the minimal number of bytes MUST be used"
// and "the most significant bit MUST be 0" (RFC 6455 section 5.2). What depends on the frames before it is
// Validator's matter. b is neither kept nor changed.
func ParseHeader(b []byte) (h Header, n int, err error) {
	n, err = h.parse(b)
	return h, n, err
}

// parse is ParseHeader into h, which must be zero. It stands apart so that ParseHeader is inlined: the 24 bytes of a Header are
// then copied once less, and a copy right behind the stores of single fields waits for them (10 ns became 8).
func (h *Header) parse(b []byte) (n int, err error) {
	if len(b) < 2 {
		return 0, io.ErrUnexpectedEOF
	}
	b0, b1 := b[0], b[1]
	n = 2
	length := uint64(b1 &^ maskBit)
	switch length {
	case length16:
		if len(b) < 4 {
			return 0, io.ErrUnexpectedEOF
		}
		n = 4
		length = uint64(binary.BigEndian.Uint16(b[2:]))
		if length < length16 {
			return 0, errNonMinimal
		}
	case length64:
		if len(b) < 10 {
			return 0, io.ErrUnexpectedEOF
		}
		n = 10
		length = binary.BigEndian.Uint64(b[2:])
		if length>>63 != 0 {
			return 0, errTopBit
		}
		if length>>16 == 0 {
			return 0, errNonMinimal
		}
	}
	if b1&maskBit != 0 {
		if len(b) < n+4 {
			return 0, io.ErrUnexpectedEOF
		}
		h.Masked = true
		h.Key = Key(b[n : n+4])
		n += 4
	}
	h.Fin = b0&finBit != 0
	h.Rsv1 = b0&rsv1Bit != 0
	h.Rsv2 = b0&rsv2Bit != 0
	h.Rsv3 = b0&rsv3Bit != 0
	h.Opcode = Opcode(b0 & 0xF)
	h.Length = int64(length)
	return n, nil
}

// AppendHeader appends h in wire form to dst, its length in the shortest form (RFC 6455 section 5.2), and returns the longer
// slice. The key is written where Masked is set, and the lowest four bits of the opcode. Nothing else is checked, which is
// Validator's matter, but a negative length panics.
func AppendHeader(dst []byte, h Header) []byte {
	b0 := byte(h.Opcode & 0xF)
	if h.Fin {
		b0 |= finBit
	}
	if h.Rsv1 {
		b0 |= rsv1Bit
	}
	if h.Rsv2 {
		b0 |= rsv2Bit
	}
	if h.Rsv3 {
		b0 |= rsv3Bit
	}
	var b1 byte
	if h.Masked {
		b1 = maskBit
	}
	switch {
	case h.Length < 0:
		panic("frame: negative payload length")
	case h.Length < length16:
		dst = append(dst, b0, b1|byte(h.Length))
	case h.Length <= 0xFFFF:
		dst = append(dst, b0, b1|length16, byte(h.Length>>8), byte(h.Length))
	default:
		dst = append(dst, b0, b1|length64)
		dst = binary.BigEndian.AppendUint64(dst, uint64(h.Length))
	}
	if h.Masked {
		dst = append(dst, h.Key[:]...)
	}
	return dst
}

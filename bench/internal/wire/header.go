package wire

import (
	"encoding/binary"
	"errors"
	"math"
)

// The opcodes of data frames (RFC 6455 section 5.2).
const (
	Continuation byte = 0
	Text         byte = 1
	Binary       byte = 2
)

// Close is the opcode that ends a connection, and the first of the control frames (RFC 6455 section 5.5).
const Close byte = 8

const (
	finBit     = 0x80
	maskBit    = 0x80
	rsvBits    = 0x70
	rsv1Bit    = 0x40
	opcodeBits = 0x0f
	len16      = 126
	len64      = 127
)

// maxHeader is the longest header a server sends: two bytes and a 64-bit length, no masking key.
const maxHeader = 10

var (
	errReserved = errors.New("wire: reserved bits set in an echoed frame, without an extension that has them (RFC 6455 section 5.2)")
	errMasked   = errors.New("wire: masked frame from a server (RFC 6455 section 5.1)")
	errLength   = errors.New("wire: payload length with its top bit set (RFC 6455 section 5.2)")
)

// appendHeader appends the header of one unfragmented frame, all but the masking key, to dst.
func appendHeader(dst []byte, op byte, length int, masked bool) []byte {
	var mask byte
	if masked {
		mask = maskBit
	}
	dst = append(dst, finBit|op)
	switch {
	case length < len16:
		return append(dst, mask|byte(length))
	case length <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, mask|len16), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, mask|len64), uint64(length))
	}
}

// AppendMasked appends one unfragmented frame as a client sends it, masked with the key given (RFC 6455 section 5.3), to dst.
func AppendMasked(dst []byte, op byte, payload []byte, key uint32) []byte {
	k := [4]byte{byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)}
	dst = append(appendHeader(dst, op, len(payload), true), k[:]...)
	for i, b := range payload {
		dst = append(dst, b^k[i%len(k)])
	}
	return dst
}

// headerLen returns how many bytes a server's frame header has, given its second byte.
func headerLen(second byte) int {
	switch second &^ maskBit {
	case len16:
		return 4
	case len64:
		return maxHeader
	}
	return 2
}

// headerBuffer gathers a frame header that comes byte by byte.
type headerBuffer struct {
	b [maxHeader]byte
	n int
}

// add takes the next byte and tells whether the header is complete with it.
func (h *headerBuffer) add(c byte) bool {
	h.b[h.n] = c
	h.n++
	return h.n >= 2 && h.n == headerLen(h.b[1])
}

// take returns the complete header, valid until the next add, and makes room for another.
func (h *headerBuffer) take() []byte {
	b := h.b[:h.n]
	h.n = 0
	return b
}

// parseHeader reads a complete server header, of the length headerLen told, and refuses reserved bits other than those allowed.
func parseHeader(b []byte, allowed byte) (fin bool, op byte, length uint64, err error) {
	switch {
	case b[0]&rsvBits&^allowed != 0:
		return false, 0, 0, errReserved
	case b[1]&maskBit != 0:
		return false, 0, 0, errMasked
	}
	switch b[1] {
	case len16:
		length = uint64(binary.BigEndian.Uint16(b[2:]))
	case len64:
		length = binary.BigEndian.Uint64(b[2:])
		if length > math.MaxInt64 {
			return false, 0, 0, errLength
		}
	default:
		length = uint64(b[1])
	}
	return b[0]&finBit != 0, b[0] & opcodeBits, length, nil
}

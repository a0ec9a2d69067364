package hostile_test

import (
	"encoding/binary"
	"strings"

	"github.com/laminar-ws/laminar/frame"
)

// wire writes frames as one side sends them, right or wrong.
type wire struct{ masked bool }

// key is the masking key of all masked frames.
var key = frame.Key{0x12, 0x34, 0x56, 0x78}

// frame returns a frame with the first byte b0 (FIN, reserved bits and opcode) and its length in the shortest form.
func (w wire) frame(b0 byte, payload string) string {
	n := len(payload)
	switch {
	case n < 126:
		return w.head(b0, byte(n), "") + w.payload(payload)
	case n < 1<<16:
		return w.head(b0, 126, string(binary.BigEndian.AppendUint16(nil, uint16(n)))) + w.payload(payload)
	}
	return w.head(b0, 127, length64(uint64(n))) + w.payload(payload)
}

// head returns a header with a 7-bit length of n, followed by more as the extended length.
func (w wire) head(b0, n byte, more string) string {
	if !w.masked {
		return string([]byte{b0, n}) + more
	}
	return string([]byte{b0, 0x80 | n}) + more + string(key[:])
}

// payload returns p as it is on the wire.
func (w wire) payload(p string) string {
	if !w.masked {
		return p
	}
	b := []byte(p)
	frame.Mask(b, key, 0)
	return string(b)
}

// fragments returns a text message of n fragments with the given payload each, of which the last ends it if fin is set.
func (w wire) fragments(n int, payload string, fin bool) string {
	var b strings.Builder
	b.WriteString(w.frame(0x01, payload))
	for i := 1; i < n; i++ {
		b0 := byte(0)
		if fin && i == n-1 {
			b0 = 0x80
		}
		b.WriteString(w.frame(b0, payload))
	}
	return b.String()
}

func length64(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

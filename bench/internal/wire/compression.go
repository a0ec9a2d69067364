package wire

import (
	"fmt"
	"slices"
)

// Compression is what the ends of a connection make of permessage-deflate (RFC 7692).
type Compression uint8

const (
	Uncompressed Compression = iota // the extension is not offered
	NoTakeover                      // every message is compressed by itself
	Takeover                        // each end refers back to the messages it sent before
)

var compressionNames = []string{"off", "message", "takeover"}

// String returns the name that UnmarshalText takes.
func (c Compression) String() string { return compressionNames[c] }

// MarshalText returns String.
func (c Compression) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets c to the one named off, message or takeover, and fails for any other name.
func (c *Compression) UnmarshalText(name []byte) error {
	i := slices.Index(compressionNames, string(name))
	if i < 0 {
		return fmt.Errorf("wire: compression %q; want off, message or takeover", name)
	}
	*c = Compression(i)
	return nil
}

// DefaultWindowBits is the largest window of DEFLATE, 32 KiB, and what holds where nothing else was agreed (RFC 7692 section 7.1.2).
const DefaultWindowBits = 15

// window returns the bytes of a window of the bits given, 0 for DefaultWindowBits.
func window(bits int) int {
	if bits == 0 {
		bits = DefaultWindowBits
	}
	return 1 << bits
}

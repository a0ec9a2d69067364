package wire

import (
	"errors"
	"fmt"
)

// MaxSize is the largest payload a Ring takes, in bytes.
const MaxSize = 64 << 20

// minSlots is how many distinct messages a ring of small payloads has at least, so that an echo in the wrong
// place is seen also where only one message is in flight.
const minSlots = 16

// manySlots is how many there are at least of documents and of compressed messages up to manySize bytes: what a compressor
// could refer to, 32 KiB, is then never all of the ring.
const (
	manySlots = 256
	manySize  = 4 << 10
)

// smallSize is the payload size up to which minSlots holds; above it the ring has only the slots it needs.
const smallSize = 64 << 10

// Shape says what the messages of a Ring look like.
type Shape struct {
	Op     byte // Text or Binary
	Size   int  // payload bytes per message before any compression, 0 to MaxSize
	Window int  // the most messages one connection has in flight, at least 1

	// JSON makes the payloads documents, as a stock exchange would send them, in place of random characters. It goes with
	// Text, and sizes of 64 bytes or more.
	JSON bool

	// Compression is that of the frames, and expected of the echoes. It goes with sizes of 1 byte or more; with Takeover
	// and less than DefaultWindowBits of the client, up to what that window holds.
	Compression Compression

	// ClientMaxWindowBits and ServerMaxWindowBits bound how far back frames and echoes refer with Takeover, 8 to 15 as agreed in
	// the opening handshake (RFC 7692 section 7.1.2). 0: DefaultWindowBits.
	ClientMaxWindowBits, ServerMaxWindowBits int

	// Unmasked leaves out the masking, so that each frame is already what a WebSocket server would
	// echo: a plain TCP echo then passes for one. No WebSocket server may accept it (RFC 6455 section 5.1).
	Unmasked bool
}

// check returns an error where no ring can be of this shape.
func (s Shape) check() error {
	switch {
	case s.Op != Text && s.Op != Binary:
		return fmt.Errorf("wire: opcode %d is not that of a data message", s.Op)
	case s.Size < 0 || s.Size > MaxSize:
		return fmt.Errorf("wire: a payload of %d bytes; want 0 to %d", s.Size, MaxSize)
	case s.Window < 1:
		return errors.New("wire: a window below one message")
	case s.JSON && (s.Op != Text || s.Size < minJSON):
		return fmt.Errorf("wire: JSON in %d bytes of opcode %d; want Text of %d bytes or more", s.Size, s.Op, minJSON)
	case s.Compression > Takeover:
		return fmt.Errorf("wire: there is no compression %d", s.Compression)
	case s.Compression != Uncompressed && s.Size == 0:
		return errors.New("wire: empty messages to compress")
	case !validBits(s.ClientMaxWindowBits) || !validBits(s.ServerMaxWindowBits):
		return fmt.Errorf("wire: windows of %d and %d bits; want 8 to %d", s.ClientMaxWindowBits, s.ServerMaxWindowBits, DefaultWindowBits)
	}
	return nil
}

func validBits(bits int) bool { return bits == 0 || 8 <= bits && bits <= DefaultWindowBits }

// leastSlots returns how many slots the messages of s take, whatever the window.
func leastSlots(s Shape) int {
	switch {
	case s.Size <= manySize && (s.JSON || s.Compression != Uncompressed):
		return manySlots
	case s.Size <= smallSize:
		return minSlots
	}
	return 1
}

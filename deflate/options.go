package deflate

import (
	"errors"
	"fmt"
)

// The defaults, for an Options field that is 0.
const (
	DefaultLevel     = 1
	DefaultThreshold = 512 // bytes
)

const (
	leastLevel = 1
	mostLevel  = 9
)

// Windows are named by the base-2 logarithm of their bytes. RFC 7692 section 7.1.2 has these, and maxWindowBits where nothing is said.
const (
	minWindowBits = 8
	maxWindowBits = 15
)

// Options say how one side of a connection goes about permessage-deflate. The zero value is the fastest level without context takeover,
// which keeps nothing between messages. What an option says of the peer is asked of it in the negotiation. Options must Validate; where they
// do not, the methods take the nearest value that is valid.
type Options struct {
	// Level is how hard to compress, from 1 (fastest) to 9 (smallest), as github.com/klauspost/compress has it. 0: DefaultLevel.
	Level int

	// Threshold is the length in bytes from which on a message is compressed; a shorter one is sent plain. 0: DefaultThreshold; 1: all messages
	// but empty ones are compressed; negative: all are.
	Threshold int

	// ContextTakeover lets both sides keep their window between messages, so that a message can refer to those before it. It compresses better,
	// small messages above all, and costs memory for as long as the connection lasts. The peer may forbid it in either direction.
	ContextTakeover bool

	// SendWindowBits is the base-2 logarithm of the largest window, in bytes, that this side compresses with: 8 to 15. 0: 15.
	SendWindowBits int

	// ReceiveWindowBits is the same for what the peer compresses with. A peer that cannot be held to it is asked not to take its context over
	// instead, so that no more than such a window is ever kept. 0: 15.
	ReceiveWindowBits int

	// Dedicated gives the connection a compressor of its own, where this side takes its context over, with a window of 15 bits. It costs the memory
	// of one for as long as the connection lasts, and saves the time in which a pooled one is primed from the window for each message.
	Dedicated bool

	// ReceiveOnly sends all messages plain. The peer may compress its own.
	ReceiveOnly bool

	// SendOnly expects the peer to send all messages plain, and asks it not to take its context over, so that receiving costs no memory between
	// messages. A message that comes compressed is read all the same, because whoever agreed on the extension has to (RFC 7692 section 6.2).
	SendOnly bool
}

// Validate returns an error that names the field where one is out of its range, or where ReceiveOnly and SendOnly are both set, and nil else.
func (o Options) Validate() error {
	if o.Level != 0 && (o.Level < leastLevel || o.Level > mostLevel) {
		return outOfRange("Level", o.Level, leastLevel, mostLevel)
	}
	if !validBits(o.SendWindowBits) {
		return outOfRange("SendWindowBits", o.SendWindowBits, minWindowBits, maxWindowBits)
	}
	if !validBits(o.ReceiveWindowBits) {
		return outOfRange("ReceiveWindowBits", o.ReceiveWindowBits, minWindowBits, maxWindowBits)
	}
	if o.ReceiveOnly && o.SendOnly {
		return errors.New("deflate: Options.ReceiveOnly and Options.SendOnly exclude each other")
	}
	return nil
}

func outOfRange(field string, is, least, most int) error {
	return fmt.Errorf("deflate: Options.%s is %d; want %d to %d, or 0", field, is, least, most)
}

func validBits(n int) bool { return n == 0 || n >= minWindowBits && n <= maxWindowBits }

func (o Options) level() int {
	if o.Level == 0 {
		return DefaultLevel
	}
	return min(max(o.Level, leastLevel), mostLevel)
}

// CompressFrom returns the length in bytes of the shortest message that is compressed: what Threshold means.
func (o Options) CompressFrom() int {
	if o.Threshold == 0 {
		return DefaultThreshold
	}
	return max(o.Threshold, 0)
}

func (o Options) sendBits() uint8 { return resolveBits(o.SendWindowBits) }

func (o Options) receiveBits() uint8 { return resolveBits(o.ReceiveWindowBits) }

// resolveBits returns the window that n stands for: 15 bits for 0, and for a number that is none the nearest.
func resolveBits(n int) uint8 {
	if n == 0 {
		return maxWindowBits
	}
	return uint8(min(max(n, minWindowBits), maxWindowBits))
}

// forgets reports whether this side, by its own choice, does not take its context over.
func (o Options) forgets() bool { return !o.ContextTakeover || o.ReceiveOnly }

// wantsForgetting reports whether this side wants the peer not to.
func (o Options) wantsForgetting() bool { return !o.ContextTakeover || o.SendOnly }

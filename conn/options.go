package conn

import (
	"log/slog"
	"time"

	"github.com/laminar-ws/laminar/deflate"
)

// The defaults, for an Options field that is 0.
const (
	DefaultMaxMessage   = 1 << 20         // bytes
	DefaultCloseTimeout = 5 * time.Second // for the whole closing handshake
	DefaultWriteQueue   = 1 << 20         // bytes
	DefaultHighWater    = 64 << 10        // bytes
)

// QueueFull says what becomes of a message for which there is no room in the queue of a driven connection.
type QueueFull uint8

const (
	FullClose      QueueFull = iota // the connection is closed, without a closing handshake: its peer does not read
	FullError                       // the write returns ErrQueueFull, and the message is not sent
	FullDropNewest                  // the message is dropped, and the write returns nil: see Conn.Dropped
	FullDropOldest                  // so many of the oldest messages in the queue are dropped that there is room
)

// Options are the settings of a connection. nil and the zero value are the safe defaults. New copies them.
type Options struct {
	// MaxMessage limits the messages that are received, in bytes of payload over all fragments of a message. A longer one fails the
	// connection with code 1009 as soon as a header announces it. Each fragment that is not empty counts at least 64 bytes towards the limit, or
	// towards 64 KiB where the limit is lower. 0: DefaultMaxMessage; negative: no limit (memory still grows only with what was received).
	MaxMessage int64

	// CloseTimeout bounds the closing handshake: how long Shutdown waits for the peer, if its context does not end
	// earlier. 0: DefaultCloseTimeout; negative: the context alone bounds it.
	CloseTimeout time.Duration

	// SkipUTF8Check accepts text messages that are not valid UTF-8, which RFC 6455 section 8.1 forbids.
	SkipUTF8Check bool

	// Compression is the permessage-deflate that the opening handshake agreed on (RFC 7692). The zero value: none, and a message that is compressed breaks the
	// protocol. MaxMessage holds for compressed messages twice: for what they are inflated to, while they are inflated, and, with a
	// 16th more, for their payload on the wire.
	Compression deflate.Agreement

	// WriteQueue bounds the queue of a driven connection (Driver), in bytes: the messages that wait behind the one of which its transport has taken a
	// part, or behind a NextWriter's. Each counts its payload and 128 bytes; one that is longer than the queue is queued alone. Connections that are served by a goroutine have no
	// queue: their writes wait. 0: DefaultWriteQueue; negative: no bound.
	WriteQueue int

	// WhenFull says what becomes of a message that does not fit into the queue.
	WhenFull QueueFull

	// HighWater is how many bytes of a driven connection's output may wait before its input waits, too: no function is called for what the peer sends, and
	// the transport not read from, until half of them have left. 0: DefaultHighWater; negative: never, for an end that sends a lot of its own accord
	// to a peer that may do the same: each would wait for the other to read.
	HighWater int

	// Subprotocol is what the opening handshake agreed on, for Conn.Subprotocol. "": none.
	Subprotocol string

	// ErrorLog takes the report of a panic in a function of Events. nil: slog.Default().
	ErrorLog *slog.Logger
}

// withDefaults returns a copy of opts in which every field says what it means.
func (opts *Options) withDefaults() *Options {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	if o.CloseTimeout == 0 {
		o.CloseTimeout = DefaultCloseTimeout
	}
	if o.WriteQueue == 0 {
		o.WriteQueue = DefaultWriteQueue
	}
	if o.HighWater == 0 {
		o.HighWater = DefaultHighWater
	}
	return shared(o)
}

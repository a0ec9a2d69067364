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

	// Subprotocol is what the opening handshake agreed on, for Conn.Subprotocol. "": none.
	Subprotocol string

	// ErrorLog takes the report of a panic in a callback of Serve. nil: slog.Default().
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
	return shared(o)
}

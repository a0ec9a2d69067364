package deflate

import "errors"

// What is wrong with a compressed message. A connection on which one of the first two came up cannot go on.
var (
	// ErrMalformed says that a message is no DEFLATE stream, ends in the middle of a block, goes on behind its end, or refers back beyond what
	// this direction has sent (RFC 7692 section 7.2.2; close code 1007).
	ErrMalformed = errors.New("deflate: malformed compressed message (RFC 7692 section 7.2.2)")

	// ErrTooLong says that a message inflates to more bytes than the limit given (close code 1009).
	ErrTooLong = errors.New("deflate: inflated message is over the limit")

	// ErrInput is what Decompressor.Read returns where it needs the next part of the message.
	ErrInput = errors.New("deflate: the next part of the message, please")
)

var (
	errTail   = errors.New("deflate: the compressor did not end the message with an empty stored block (RFC 7692 section 7.2.1)")
	errClosed = errors.New("deflate: the decompressor was closed in the middle of a message")
	errIdle   = errors.New("deflate: no message is being inflated")
	errBusy   = errors.New("deflate: a part of the message was not read to its end")
)

package conn

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
)

// CloseError tells how a connection ended: by a closing handshake, or with the code closecode.AbnormalClosure without
// one. errors.Is(err, net.ErrClosed) holds.
type CloseError struct {
	Code   closecode.Code // of the Close frame that began the closing handshake; NoStatusReceived where it had none
	Reason string
	Remote bool  // the peer began
	Err    error // for AbnormalClosure: what happened to the transport
}

// Error returns the code, the reason and, for a lost connection, what happened to the transport.
func (e *CloseError) Error() string {
	s := "websocket: closed by this side: "
	switch {
	case e.Err != nil:
		return "websocket: connection lost (" + e.Code.String() + "): " + e.Err.Error()
	case e.Remote:
		s = "websocket: closed by the peer: "
	}
	s += e.Code.String()
	if e.Reason != "" {
		s += ": " + strconv.Quote(e.Reason)
	}
	return s
}

// CloseCode returns e.Code, for closecode.Of.
func (e *CloseError) CloseCode() closecode.Code { return e.Code }

// Unwrap returns net.ErrClosed and e.Err.
func (e *CloseError) Unwrap() []error {
	if e.Err == nil {
		return []error{net.ErrClosed}
	}
	return []error{net.ErrClosed, e.Err}
}

// endError is the end of a connection by something else than a closing handshake: the cause, which from then on is
// also net.ErrClosed.
type endError struct{ cause error }

func (e *endError) Error() string   { return e.cause.Error() }
func (e *endError) Unwrap() []error { return []error{e.cause, net.ErrClosed} }

func lost(cause error) error { return &CloseError{Code: closecode.AbnormalClosure, Err: cause} }

var (
	// ErrWouldBlock is returned by the transport of a Driver where it does not take all bytes without waiting.
	ErrWouldBlock = errors.New("websocket: the transport takes no more bytes at the moment")

	// ErrQueueFull is returned by writes to a driven connection whose queue is full (Options.WriteQueue). Where QueueFull is FullClose, it is
	// in the tree of the error that the connection has ended with.
	ErrQueueFull = errors.New("websocket: the peer does not read: the queue of messages to it is full")
)

// What a call is refused for. The connection goes on.
var (
	errOpcode         = errors.New("websocket: a message is text or binary")
	errConcurrentRead = errors.New("websocket: another goroutine reads from this connection")
	errDriven         = errors.New("websocket: an event loop reads from this connection: its Events get the messages")
	errOnLoop         = errors.New("websocket: a function that an event loop calls must not wait for a pong, which the loop would read")
	errStreaming      = errors.New("websocket: another NextWriter's message is in progress, and nothing waits for its end on an event loop")
	errCloseCode      = errors.New("websocket: code that a Close frame must not carry (RFC 6455 section 7.4)")
	errCloseReason    = errors.New("websocket: close reason is over 123 bytes or not UTF-8 (RFC 6455 section 5.5.1)")
	errNoDeadline     = fmt.Errorf("websocket: the transport has no write deadlines: %w", errors.ErrUnsupported)
	errBacklog        = errors.New("websocket: the peer does not read: no room for another control frame")
	errPanic          = errors.New("websocket: a callback panicked")
	errStaleReader    = errors.New("websocket: reader of a message that is no longer current")
	errWriterClosed   = errors.New("websocket: write to a message that was ended")
	errControlSize    = endpoint.ErrControlSize
	errCloseSent      = fmt.Errorf("%w: %w", endpoint.ErrCloseSent, net.ErrClosed)
)

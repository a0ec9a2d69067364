// Package endpoint is the WebSocket protocol as a state machine without I/O, clock or locks (RFC 6455 sections 5 to 8).
// A Receiver is given bytes and gives events; a Sender is asked for frames and gives bytes. The two halves share nothing,
// so that neither waits for the other: whoever reads owns the Receiver, whoever holds the write lock owns the Sender.
package endpoint

import (
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// Kind says what an Event is about.
type Kind uint8

const (
	None  Kind = iota // the input is used up and nothing came of it yet
	Data              // a part of a data message, or the whole of it
	Ping              // a ping with its payload
	Pong              // a pong with its payload
	Close             // the peer's Close frame: nothing follows
)

// Event is what a piece of input amounts to.
type Event struct {
	Kind  Kind
	First bool           // Data: the message begins here
	Fin   bool           // Data: the message ends here
	Rsv1  bool           // Data: the message is compressed (RFC 7692 section 6), and Data is not looked into: see Receiver.Inflated
	Op    frame.Opcode   // Data: the type of the message, frame.Text or frame.Binary
	Code  closecode.Code // Close: the peer's code; closecode.NoStatusReceived where it gave none

	// Data is the payload, unmasked, or the reason of a Close. It lies in the input that was given, or, for a control frame
	// that came in pieces, in memory of its own.
	Data []byte
}

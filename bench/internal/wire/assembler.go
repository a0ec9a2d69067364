package wire

import (
	"errors"
	"fmt"
)

var (
	errControl = errors.New("wire: a control frame that is fragmented or longer than 125 bytes (RFC 6455 section 5.5)")
	errOrder   = errors.New("wire: a fragment out of order (RFC 6455 section 5.4)")
)

// Assembler cuts the stream that a server sends on one connection, without extensions, into messages. The zero value is ready. It is for one
// goroutine at a time, and holds a buffer only while a message is incomplete.
type Assembler struct {
	head    headerBuffer // of the frame being received, while it is incomplete
	frame   byte         // its opcode
	fin     bool         // whether it is the last of its message
	left    int          // payload bytes of it still to come
	inFrame bool         // its header is complete, its payload is not

	message byte   // opcode of the message being received in fragments; 0 for none
	data    []byte // what came of it
	control []byte // what came of a control frame
}

// Feed takes the next bytes of the stream and calls each with the opcode and payload of the messages and control frames that they complete. The
// payload is valid until each returns. Feed fails where a frame breaks the protocol or makes a message longer than MaxSize, and with the
// error of each; then the Assembler is of no more use.
func (a *Assembler) Feed(p []byte, each func(op byte, payload []byte) error) error {
	for len(p) > 0 {
		if !a.inFrame {
			complete := a.head.add(p[0])
			p = p[1:]
			if !complete {
				continue
			}
			if err := a.begin(); err != nil {
				return err
			}
		}
		n := min(a.left, len(p))
		if err := a.take(p[:n], each); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// begin checks the header that is now complete and starts on its payload.
func (a *Assembler) begin() error {
	fin, op, length, err := parseHeader(a.head.take(), 0)
	switch {
	case err != nil:
		return err
	case op >= Close && (!fin || length >= len16):
		return errControl
	case op < Close && (op == Continuation) != (a.message != 0):
		return errOrder
	case length > uint64(MaxSize-len(a.data)):
		return fmt.Errorf("%w: a frame of %d bytes after %d", ErrLength, length, len(a.data))
	}
	a.frame, a.fin, a.left, a.inFrame = op, fin, int(length), true
	return nil
}

// take takes a piece of the frame's payload, the last one or not.
func (a *Assembler) take(piece []byte, each func(op byte, payload []byte) error) error {
	a.left -= len(piece)
	a.inFrame = a.left > 0
	if a.frame >= Close {
		if a.control = append(a.control, piece...); a.inFrame {
			return nil
		}
		payload := a.control
		a.control = nil
		return each(a.frame, payload)
	}
	op := a.frame
	if op == Continuation {
		op = a.message
	}
	if !a.inFrame && a.fin {
		payload := piece
		if len(a.data) > 0 {
			payload = append(a.data, piece...)
		}
		a.message, a.data = 0, nil
		return each(op, payload)
	}
	a.data = append(a.data, piece...)
	if !a.inFrame {
		a.message = op
	}
	return nil
}

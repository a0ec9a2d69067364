// Package frame implements the framing of RFC 6455 section 5: headers, masking, opcodes, the order of frames and
// the payload of Close frames. It does no I/O of its own, except that Reader and Writer use the io.Reader and
// io.Writer they are given. It can be imported alone, under a transport or a proxy of your own.
//
// Left out, because they need more than frames: messages and their limits, UTF-8 in text, extensions and the closing handshake (package conn).
//
// The smallest use is the codec itself:
//
//	h, n, err := frame.ParseHeader(b)
//	switch {
//	case err == io.ErrUnexpectedEOF:
//		// read more bytes and try again
//	case err != nil:
//		// fail the connection: err is an *Error
//	case h.Length > int64(len(b)-n):
//		// the payload is not here yet: hold h.Length to a limit, then read on
//	default:
//		payload := b[n : n+int(h.Length)]
//		if h.Masked {
//			frame.Mask(payload, h.Key, 0)
//		}
//	}
package frame

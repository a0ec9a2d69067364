package frame

import "io"

// writeChunk bounds how much of a payload is copied at a time to be masked or joined to its header.
const writeChunk = 16 << 10

// Writer writes frames to an io.Writer. It masks where the role demands it and refuses a sequence of headers that
// the peer would have to refuse. Payloads are not looked into: UTF-8, the payload of Close frames and that nothing follows
// one are left to the caller. A Writer is for one goroutine at a time.
type Writer struct {
	w   io.Writer
	v   Validator
	buf []byte
	err error // what ended the stream, for ever
}

// NewWriter returns a Writer of frames that the given role sends. RSV1 is allowed where a
// message begins: whether an extension was negotiated is the caller's to know.
func NewWriter(w io.Writer, from Role) *Writer {
	return &Writer{w: w, v: Validator{From: from, Rsv1: true}}
}

// WriteFrame writes one frame with h's Fin, Rsv1, Rsv2, Rsv3 and Opcode and the payload p; length, masking and key are set here.
// A frame of up to 16 KiB, header included, leaves in one call of Write. p is neither kept nor changed. A frame that breaks the rules of RFC 6455
// section 5 is refused with an *Error before anything is written, and the next may follow. After an error of the io.Writer every later call
// returns that error; a short write without one is io.ErrShortWrite.
func (w *Writer) WriteFrame(h Header, p []byte) error {
	if w.err != nil {
		return w.err
	}
	h.Length = int64(len(p))
	h.Masked = w.v.From == Client
	after := w.v
	if err := after.Check(h); err != nil {
		return err
	}
	w.v = after
	if h.Masked {
		h.Key = NewKey()
	}
	w.buf = AppendHeader(w.buf[:0], h)
	pos := 0
	for {
		part := p[:min(len(p), writeChunk-len(w.buf))]
		p = p[len(part):]
		start := len(w.buf)
		w.buf = append(w.buf, part...)
		if h.Masked {
			pos = Mask(w.buf[start:], h.Key, pos)
		}
		if w.write(w.buf); w.err != nil || len(p) == 0 {
			return w.err
		}
		if !h.Masked {
			w.write(p)
			return w.err
		}
		w.buf = w.buf[:0]
	}
}

// write hands b to the io.Writer and keeps the error. A short write without one would let the next frame begin
// inside this one.
func (w *Writer) write(b []byte) {
	var n int
	if n, w.err = w.w.Write(b); w.err == nil && n < len(b) {
		w.err = io.ErrShortWrite
	}
}

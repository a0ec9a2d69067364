package frame

import (
	"bufio"
	"errors"
	"io"
	"math"
)

// Reader reads frames from an io.Reader: Next for each header, Read for its payload, unmasked. Payloads are
// not looked into: UTF-8, message limits and the closing handshake are left to the caller. A Reader is for one goroutine at a time.
type Reader struct {
	src  *bufio.Reader
	v    Validator
	h    Header
	left int64 // payload bytes of the current frame that were not read
	pos  int   // offset in the payload, modulo 4
	late error // came with the last bytes of a payload; Next's to return
	err  error // what ended the stream, for ever
}

// NewReader returns a Reader of the frames in r, held to the rules by v. It reads ahead through a
// buffer of 4 KiB; where r is a *bufio.Reader, through that one and no other, whatever its size.
func NewReader(r io.Reader, v Validator) *Reader {
	src, ok := r.(*bufio.Reader)
	if !ok {
		src = bufio.NewReader(r)
	}
	return &Reader{src: src, v: v}
}

// Next skips what was not read of the current payload and returns the next frame's header. At the end of
// the stream it returns io.EOF between frames and io.ErrUnexpectedEOF within one; a breach of the rules is an *Error
// (RFC 6455 section 5). Every later call of Next or Read returns the same error.
func (r *Reader) Next() (Header, error) {
	if r.err == nil {
		r.err = r.late
	}
	if r.err == nil {
		r.err = r.skip()
	}
	if r.err != nil {
		return Header{}, r.err
	}
	h, err := r.readHeader()
	if err == nil {
		err = r.v.Check(h)
	}
	if err != nil {
		r.err = err
		return Header{}, err
	}
	r.h, r.left, r.pos = h, h.Length, 0
	return h, nil
}

// skip passes over what is left of the current payload. It does so by Discard and not by Read, which would unmask
// it, and which, copied by io.Copy, would turn for ever on a source that returns neither bytes nor an error.
func (r *Reader) skip() error {
	for r.left > 0 {
		n, err := r.src.Discard(int(min(r.left, math.MaxInt32)))
		r.left -= int64(n)
		if err != nil {
			return unexpected(err)
		}
	}
	return nil
}

func (r *Reader) readHeader() (Header, error) {
	for need := 2; ; need++ {
		b, err := r.src.Peek(need)
		if err != nil {
			if len(b) > 0 {
				err = unexpected(err)
			}
			return Header{}, err
		}
		b, _ = r.src.Peek(min(max(r.src.Buffered(), need), MaxHeaderLen))
		h, n, err := ParseHeader(b)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			need = len(b)
			continue
		}
		r.src.Discard(n)
		return h, err
	}
}

// Read reads from the current frame's payload into p, unmasked, and returns io.EOF at its end: there, and before the first
// frame. A stream that ends before the payload does is io.ErrUnexpectedEOF. Reader does not keep p.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	if r.h.Masked {
		r.pos = Mask(p[:n], r.h.Key, r.pos)
	}
	r.left -= int64(n)
	switch {
	case err == nil:
	case r.left == 0:
		r.late = err
	default:
		r.err = unexpected(err)
	}
	return n, r.err
}

// unexpected turns the end of the stream into the error that it is within a frame.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

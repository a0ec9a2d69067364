package frame

import (
	"bufio"
	"errors"
	"io"
)

// Reader reads frames from an io.Reader: Next for each header, Read for its payload, unmasked. Payloads are
// not looked into: UTF-8, message limits and the closing handshake are left to the caller. A Reader is for one goroutine at a time.
type Reader struct {
	src  *bufio.Reader
	v    Validator
	h    Header
	left int64 // payload bytes of the current frame that were not read
	pos  int   // offset in the payload, modulo 4
	err  error // what ended the stream, for ever
}

// NewReader returns a Reader of the frames in r, held to the rules by v. It reads ahead through a
// buffer of 4 KiB; where r is a *bufio.Reader, through that one and no other.
func NewReader(r io.Reader, v Validator) *Reader {
	return &Reader{src: bufio.NewReader(r), v: v}
}

// Next skips what was not read of the current payload and returns the next frame's header. At the end of
// the stream it returns io.EOF between frames and io.ErrUnexpectedEOF within one; a breach of the rules is an *Error.
// Every later call returns the same error.
func (r *Reader) Next() (Header, error) {
	if r.err != nil {
		return Header{}, r.err
	}
	if r.left > 0 {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return Header{}, err
		}
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

// Read reads from the current frame's payload, unmasked, and returns io.EOF at its end.
func (r *Reader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.src.Read(p[:min(int64(len(p)), r.left)])
	if r.h.Masked {
		r.pos = Mask(p[:n], r.h.Key, r.pos)
	}
	r.left -= int64(n)
	if err != nil && r.left > 0 {
		r.err = unexpected(err)
		return n, r.err
	}
	return n, nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

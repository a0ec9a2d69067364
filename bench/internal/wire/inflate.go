package wire

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrInflate is the error of a compressed echo that is not DEFLATE, that refers back further than was agreed, or that ends
// with a last block (RFC 7692 section 7.2.3.4): legal, but nothing that a compressor which is flushed does.
var ErrInflate = errors.New("wire: compressed echo that does not inflate")

// inflater decompresses messages, one at a time, with the standard library.
type inflater struct {
	src bytes.Reader
	fr  io.ReadCloser
}

// inflaters are of 40 KiB each, and a message needs one only while it is inflated.
var inflaters = sync.Pool{New: func() any { return &inflater{fr: flate.NewReader(nil)} }}

// ending completes the stream of a message: the tail that was cut, and an empty last block, which tells the end of it.
const ending = tail + "\x01\x00\x00\xff\xff"

// inflate appends what the compressed message body holds to dst, with dict as what it may refer back to. It fails where that is more
// than limit bytes. It appends to body too: bytes behind its length may change.
func inflate(dst, body, dict []byte, limit int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer inflaters.Put(f)
	f.src.Reset(append(body, ending...))
	if err := f.fr.(flate.Resetter).Reset(&f.src, dict); err != nil {
		return dst, fmt.Errorf("%w: %w", ErrInflate, err)
	}
	out := bytes.NewBuffer(dst)
	n, err := io.Copy(out, io.LimitReader(f.fr, int64(limit)+1))
	switch {
	case err != nil:
		return dst, fmt.Errorf("%w: %w", ErrInflate, err)
	case n > int64(limit):
		return dst, fmt.Errorf("%w: more than %d bytes of a compressed message", ErrLength, limit)
	case f.src.Len() > 0:
		return dst, fmt.Errorf("%w: %d bytes behind the end of the stream", ErrInflate, f.src.Len())
	}
	return out.Bytes(), nil
}

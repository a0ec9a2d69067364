package wire

import (
	"bytes"
	"compress/flate"
)

// compressor makes the payloads of compressed messages with the standard library, so that no contender's codec has a hand in
// what the others are given.
type compressor struct {
	w   *flate.Writer
	out bytes.Buffer
}

// level is what zlib, and with it most clients, compress with unless told otherwise.
const level = 6

func newCompressor() *compressor {
	c := new(compressor)
	w, err := flate.NewWriter(&c.out, level)
	if err != nil {
		panic(err) // level is in range
	}
	c.w = w
	return c
}

// reset forgets all that append was given.
func (c *compressor) reset() {
	c.out.Reset()
	c.w.Reset(&c.out)
}

// tail is what a flush leaves at the end of every message, and what is cut there (RFC 7692 section 7.2.1).
const tail = "\x00\x00\xff\xff"

// append compresses p, with references to what it was given since the last reset, and appends that to dst.
func (c *compressor) append(dst, p []byte) []byte {
	// A bytes.Buffer takes everything, and the rest of a flate.Writer does not fail.
	c.w.Write(p)
	c.w.Flush()
	body, ok := bytes.CutSuffix(c.out.Bytes(), []byte(tail))
	if !ok {
		panic("wire: a flushed DEFLATE stream ends otherwise than RFC 7692 has it")
	}
	dst = append(dst, body...)
	c.out.Reset()
	return dst
}

package deflate

import (
	"errors"
	"io"
)

const (
	// A sender may flush by ending its stream with a final block and beginning another (RFC 7692 section 7.2.3.4), which costs the receiver a new start from the
	// window. So many starts a message has for nothing, and one more for every startBytes of content.
	freeStarts = 16
	startBytes = 1 << 10
)

// Decompressor inflates the messages of one direction, one after the other, in the order in which they came (RFC 7692 section 7.2.2). It is for one
// goroutine at a time. After ErrMalformed, or any error of Append, it is of no more use, and returns that error for ever.
type Decompressor struct {
	dir Direction
	win window // the last messages, with context takeover
	err error

	f      *inflater // of the message in progress
	starts int       // streams of it that a final block ended
	parts  *parts    // where it is inflated as it arrives
}

// NewDecompressor returns a Decompressor at the start of a connection, for the direction that the peer sends in. It is a small plain value:
// without context takeover it keeps nothing from message to message, and may as well be made for each.
//
// It must not be copied in the middle of a message. WindowBits of 0 are 15.
func NewDecompressor(d Direction) Decompressor {
	d.WindowBits = resolveBits(int(d.WindowBits))
	return Decompressor{dir: d}
}

// Append inflates p, the whole payload of a compressed message, appends the content to dst and returns the longer slice. A content of more than
// limit bytes is ErrTooLong, after limit bytes and one more part of it at most; a negative limit is none. p is neither kept nor changed.
func (d *Decompressor) Append(dst, p []byte, limit int64) ([]byte, error) {
	if err := d.Write(p, true); err != nil {
		return dst, err
	}
	begin := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := d.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case limit >= 0 && int64(len(dst)-begin) > limit:
			d.err = ErrTooLong
			d.Close()
			return dst, d.err
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}

// Write gives the Decompressor p, the next part of a compressed message's payload, the last one or not. It must not be called before Read
// has returned ErrInput, for a message in progress, or io.EOF, for the one before. p must stay as it is until Read returns one of these again.
//
// A message of which the first part is not the last is inflated on a goroutine, which runs while Read waits for it and ends with the message or with Close.
func (d *Decompressor) Write(p []byte, last bool) error {
	switch {
	case d.err != nil:
		return d.err
	case d.parts != nil:
		return d.parts.write(p, last)
	case d.f != nil:
		return errBusy
	}
	d.f = newInflater()
	d.starts = 0
	d.f.src = source{p: p, last: last}
	d.f.reset(&d.win)
	if !last {
		d.parts = startParts(d)
	}
	return nil
}

// Read reads from the message's content. It returns ErrInput where the part that was written last is used up, io.EOF at the end of the message,
// and ErrMalformed where the payload breaks RFC 7692 section 7.2.2.
func (d *Decompressor) Read(p []byte) (n int, err error) {
	switch {
	case d.err != nil:
		return 0, d.err
	case d.f == nil:
		return 0, errIdle
	case d.parts != nil:
		n, err = d.parts.read(p)
	default:
		n, err = d.read(d.f, p)
	}
	switch {
	case err == nil, err == ErrInput:
	case err == io.EOF:
		d.f.release()
		d.f, d.parts = nil, nil
	default: // the inflater is thrown away
		d.err = err
		d.f, d.parts = nil, nil
	}
	return n, err
}

// Close gives up the message in progress, if there is one, and ends its goroutine. Nothing can be read any more.
func (d *Decompressor) Close() {
	if d.err == nil {
		d.err = errClosed
	}
	if d.parts != nil {
		d.parts.stop()
	}
	d.f, d.parts = nil, nil
}

// read is Read, on the goroutine that inflates.
func (d *Decompressor) read(f *inflater, p []byte) (int, error) {
	for {
		n, err := f.r.Read(p)
		f.src.out += int64(n)
		if d.dir.ContextTakeover {
			d.win.add(p[:n], d.dir.WindowBits)
		}
		switch {
		case err == nil:
			return n, nil
		case err == io.EOF && f.src.ended():
			return n, io.EOF
		case err == io.EOF && d.restart(f):
			if n > 0 {
				return n, nil
			}
		case errors.Is(err, errClosed):
			return n, err
		default:
			return n, ErrMalformed
		}
	}
}

// restart begins another stream behind one that the sender has ended, at the byte behind it. It returns false where nothing is left to begin with.
func (d *Decompressor) restart(f *inflater) bool {
	s := &f.src
	if s.part > inTail || s.part == inTail && len(s.p) < len(tail) {
		return false
	}
	d.starts++
	if int64(d.starts) > freeStarts+s.out/startBytes {
		return false
	}
	f.reset(&d.win)
	return true
}

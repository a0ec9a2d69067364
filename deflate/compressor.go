package deflate

import "bytes"

const (
	// A compressor that is primed from the window works at primedLevel at least: the priming costs more than the level then. Up to primedInPart, it is primed with
	// primingFactor times as many bytes as the message has, and leastPriming at least, which finds nearly all that the whole window would and
	// keeps the cost in proportion to the message (docs/compression.md). Who asks for more asks for the smallest output.
	primedLevel   = 5
	primedInPart  = 6
	leastPriming  = 3584 // bytes
	primingFactor = 3
)

// tail is what every message ends with and no message carries (RFC 7692 section 7.2.1).
var tail = []byte{0x00, 0x00, 0xff, 0xff}

// Compressor compresses the messages of one direction, one after the other, in the order in which they are sent (RFC 7692 section 7.2.1). It is for one
// goroutine at a time. After an error of any method it is of no more use.
type Compressor struct {
	dir       Direction
	level     int8
	dedicated bool

	win window  // the last messages, with context takeover and without a dedicated writer, which remembers them itself
	w   *writer // of the message that Write has begun; dedicated: for ever
}

// NewCompressor returns a Compressor at the start of a connection, for the direction that this side sends in. It is a small plain value:
// without context takeover it keeps nothing from message to message, and may as well be made for each.
//
// It must not be copied in the middle of a message. WindowBits of 0 are 15.
func NewCompressor(d Direction, o Options) Compressor {
	d.WindowBits = resolveBits(int(d.WindowBits))
	return Compressor{
		dir:       d,
		level:     int8(o.level()),
		dedicated: o.Dedicated && d.ContextTakeover && d.WindowBits == maxWindowBits,
	}
}

// Bound returns the most bytes that a message of n bytes is compressed to.
func Bound(n int) int { return n + n>>8 + 64 }

// Append compresses p, one whole message, appends it to dst and returns the longer slice. p is neither kept nor changed, and must not
// overlap the free part of dst.
func (c *Compressor) Append(dst, p []byte) ([]byte, error) {
	c.begin(len(p))
	dst, err := c.w.write(dst, p)
	c.remember(p)
	if err != nil {
		c.release(err)
		return dst, err
	}
	return c.End(dst)
}

// Write compresses p, the next part of a message, and appends what there is of it so far, which may be nothing, to dst. The message
// holds a compressor until End or Close. p is neither kept nor changed, and must not overlap the free part of dst.
func (c *Compressor) Write(dst, p []byte) ([]byte, error) {
	c.begin(1 << maxWindowBits)
	c.remember(p)
	return c.w.write(dst, p)
}

// End ends the message of Write and appends the rest of it to dst.
func (c *Compressor) End(dst []byte) ([]byte, error) {
	c.begin(0)
	dst, err := c.w.end(dst)
	c.release(err)
	return dst, err
}

// Close gives back the compressor of a message that will not be ended. With context takeover, nothing can be sent after it that
// the peer could make sense of.
func (c *Compressor) Close() { c.release(nil) }

// Observe takes note of p, a message that was sent at this place but compressed elsewhere, by a Compressor without context: the peer
// has it in its window. p is not kept.
func (c *Compressor) Observe(p []byte) (err error) {
	if !c.dedicated {
		c.remember(p)
		return nil
	}
	c.begin(len(p))
	p = p[max(0, len(p)-1<<maxWindowBits):]                     // nothing refers back further
	if c.w.dict, err = c.w.write(c.w.dict[:0], p); err == nil { // what it gives out is of no use
		c.w.dict, err = c.w.end(c.w.dict)
	}
	return err
}

func (c *Compressor) remember(p []byte) {
	if c.dir.ContextTakeover && !c.dedicated {
		c.win.add(p, c.dir.WindowBits)
	}
}

// begin sees to it that there is a writer, ready for a message of n bytes, if the message has not begun yet.
func (c *Compressor) begin(n int) {
	switch {
	case c.w != nil:
	case c.dedicated:
		c.w = levelWriter(int(c.level))
		c.w.reset(nil, 0)
	default:
		c.w = c.borrow(n)
	}
}

// release lets go of the writer, which err says is sound or not.
func (c *Compressor) release(err error) {
	if c.w != nil && !c.dedicated {
		c.w.release(err)
		c.w = nil
	}
}

// borrow returns a writer of the pools' that is ready for a message of n bytes. Where priming and message fit the window together, no writer can refer back
// further than that; where they do not and the window is a small one, it takes a writer that sees to it.
func (c *Compressor) borrow(n int) *writer {
	size := 1 << c.dir.WindowBits
	level, prime := int(c.level), 0
	if c.win.have > 0 {
		level, prime = max(level, primedLevel), size
		if level <= primedInPart {
			prime = min(size, max(leastPriming, primingFactor*n))
		}
	}
	narrow := c.dir.WindowBits < maxWindowBits
	if narrow && n <= size/2 {
		narrow, prime = false, min(prime, size-n)
	}
	var w *writer
	if narrow && n+prime > size {
		w = windowWriter(c.dir.WindowBits)
	} else {
		w = levelWriter(level)
	}
	w.reset(&c.win, prime)
	return w
}

// reset begins a stream that may refer back to the last n bytes of the window, which w keeps a copy of.
func (w *writer) reset(win *window, n int) {
	w.dict = w.dict[:0]
	if n > 0 {
		w.dict = win.appendLast(w.dict, n)
	}
	w.f.ResetDict(w, w.dict)
}

// write compresses p and appends what comes of it to dst.
func (w *writer) write(dst, p []byte) ([]byte, error) {
	w.out = dst
	_, err := w.f.Write(p)
	dst, w.out = w.out, nil
	return dst, err
}

// end ends the message. Only a flush does that: how a stream is closed is the library's own business.
func (w *writer) end(dst []byte) ([]byte, error) {
	begin := len(dst)
	w.out = dst
	err := w.f.Flush()
	dst, w.out = w.out, nil
	switch {
	case err != nil:
		return dst, err
	case !bytes.HasSuffix(dst[begin:], tail):
		return dst, errTail
	}
	return dst[:len(dst)-len(tail)], nil
}

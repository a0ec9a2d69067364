package deflate

import "bytes"

const (
	// leastPriming and primingFactor: from a window, the fast compressors are primed with four times as many bytes as the message has, and 4 KiB at least.
	// That finds nearly all that the whole window would, and keeps the cost in proportion to the message (docs/compression.md).
	leastPriming  = 4 << 10
	primingFactor = 4

	// fastLevel is the highest level that is primed with a part of the window. Who asks for more asks for the smallest output.
	fastLevel = 3

	// dedicatedMessage is the longest message, and dedicatedSpan the most between two primings, in bytes, that a compressor of a connection's own is
	// used for. They bound how much of its memory, of which it asks for most of a megabyte, is ever touched.
	dedicatedMessage = 16 << 10
	dedicatedSpan    = 64 << 10
)

// tail is what every message ends with and no message carries (RFC 7692 section 7.2.1).
var tail = []byte{0x00, 0x00, 0xff, 0xff}

// Compressor compresses the messages of one direction, one after the other, in the order in which they are sent (RFC 7692 section 7.2.1). It is for one
// goroutine at a time. After an error of any method it is of no more use.
type Compressor struct {
	dir   Direction
	level int8

	win window  // the last messages, with context takeover
	w   *writer // of the message that Write has begun

	dedicated bool
	own       *writer // of this connection
	span      int     // bytes that own was given since it began a stream; more than dedicatedSpan: it must be primed
}

// NewCompressor returns a Compressor at the start of a connection, for the direction that this side sends in. It is a small plain value:
// without context takeover it keeps nothing from message to message, and may as well be made for each.
func NewCompressor(d Direction, o Options) Compressor {
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
	w, own := c.begin(len(p))
	dst, err := w.write(dst, p)
	if err == nil {
		dst, err = w.end(dst)
	}
	if own {
		c.span += len(p)
	} else {
		w.release(err)
		c.span = dedicatedSpan + 1
	}
	c.remember(p)
	return dst, err
}

// Write compresses p, the next part of a message, and appends what there is of it so far, which may be nothing, to dst. The message
// holds a compressor until End or Close. p is neither kept nor changed, and must not overlap the free part of dst.
func (c *Compressor) Write(dst, p []byte) ([]byte, error) {
	if c.w == nil {
		c.w = c.borrow(1 << maxWindowBits)
	}
	c.remember(p)
	return c.w.write(dst, p)
}

// End ends the message of Write and appends the rest of it to dst.
func (c *Compressor) End(dst []byte) ([]byte, error) {
	if c.w == nil {
		c.w = c.borrow(0)
	}
	dst, err := c.w.end(dst)
	c.w.release(err)
	c.w = nil
	c.span = dedicatedSpan + 1
	return dst, err
}

// Close gives back the compressor of a message that will not be ended. With context takeover, nothing can be sent after it that
// the peer could make sense of.
func (c *Compressor) Close() {
	if c.w != nil {
		c.w.release(nil)
		c.w = nil
	}
}

// Observe takes note of p, a message that was sent at this place but compressed elsewhere, by a Compressor without context: the peer
// has it in its window. p is not kept.
func (c *Compressor) Observe(p []byte) {
	c.remember(p)
	c.span = dedicatedSpan + 1
}

func (c *Compressor) remember(p []byte) {
	if c.dir.ContextTakeover {
		c.win.add(p, c.dir.WindowBits)
	}
}

// begin returns a writer that is ready for a message of n bytes, and whether it is the connection's own.
func (c *Compressor) begin(n int) (w *writer, own bool) {
	if !c.dedicated || n > dedicatedMessage {
		return c.borrow(n), false
	}
	if c.own == nil {
		c.own = levelWriter(int(c.level))
		c.span = dedicatedSpan + 1
	}
	if c.span > dedicatedSpan {
		c.span = 0
		c.own.reset(&c.win, 1<<maxWindowBits)
	}
	return c.own, true
}

// borrow returns a writer of the pools' that is ready for a message of n bytes. Where priming and message fit the window together, no writer can refer back
// further than that; where they do not and the window is a small one, it takes a writer that sees to it.
func (c *Compressor) borrow(n int) *writer {
	size := 1 << c.dir.WindowBits
	prime := 0
	if c.win.have > 0 {
		prime = size
		if c.level <= fastLevel {
			prime = min(size, max(leastPriming, primingFactor*n))
		}
	}
	w := (*writer)(nil)
	switch {
	case c.dir.WindowBits == maxWindowBits:
		w = levelWriter(int(c.level))
	case n <= size/2:
		prime = min(prime, size-n)
		w = levelWriter(int(c.level))
	case n <= size && prime == 0:
		w = levelWriter(int(c.level))
	default:
		w = windowWriter(c.dir.WindowBits)
	}
	w.reset(&c.win, prime)
	return w
}

// reset begins a stream that may refer back to the last n bytes of the window.
func (w *writer) reset(win *window, n int) {
	w.dict = win.appendLast(w.dict[:0], n)
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

package deflate

import (
	stdflate "compress/flate"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
)

// The pools hold what no message is being worked on with. They give it up to the garbage collector, as sync.Pools do.
var (
	levelWriters  [10]sync.Pool            // by level
	windowWriters [maxWindowBits]sync.Pool // by window bits below 15
	inflaters     sync.Pool
)

// writer is a flate.Writer with the slice that it appends to.
type writer struct {
	f    *flate.Writer
	out  []byte
	dict []byte     // what f was primed with, which it keeps
	pool *sync.Pool // where it belongs
}

func (w *writer) Write(p []byte) (int, error) {
	w.out = append(w.out, p...)
	return len(p), nil
}

// levelWriter returns a writer with a window of 15 bits.
func levelWriter(level int) *writer {
	return newWriter(&levelWriters[level], func(w *writer) (*flate.Writer, error) { return flate.NewWriter(w, level) })
}

// windowWriter returns a writer that never refers back more than 2^bits bytes. What it does for that is the library's choice, whatever the level.
func windowWriter(bits uint8) *writer {
	return newWriter(&windowWriters[bits], func(w *writer) (*flate.Writer, error) { return flate.NewWriterWindow(w, 1<<bits) })
}

func newWriter(pool *sync.Pool, open func(*writer) (*flate.Writer, error)) *writer {
	if w, ok := pool.Get().(*writer); ok {
		return w
	}
	w := &writer{pool: pool}
	f, err := open(w)
	if err != nil {
		panic(err) // levels and windows were held to those that there are
	}
	w.f = f
	return w
}

// release gives w back, unless something went wrong with it.
func (w *writer) release(err error) {
	if err == nil {
		w.pool.Put(w)
	}
}

// inflater is a flate reader with its input. It is the standard library's: that of klauspost/compress (1.20.4), when it is used again, decodes a block without codes
// for distances by those of an earlier block, perhaps of another connection.
type inflater struct {
	r       io.Reader // a stdflate.Resetter, too
	src     source
	scratch []byte // for a window that has come round
}

func newInflater() *inflater {
	if f, ok := inflaters.Get().(*inflater); ok {
		return f
	}
	f := &inflater{}
	f.r = stdflate.NewReader(&f.src)
	return f
}

// reset begins a DEFLATE stream that may refer back to the window.
func (f *inflater) reset(w *window) {
	dict, ok := w.whole()
	if !ok {
		f.scratch = w.appendLast(f.scratch[:0], 1<<maxWindowBits)
		dict = f.scratch
	}
	f.r.(stdflate.Resetter).Reset(&f.src, dict) // copies dict; its error is always nil
}

// release gives f back after a message that was sound.
func (f *inflater) release() {
	f.src = source{}
	inflaters.Put(f)
}

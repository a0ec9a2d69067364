package deflate

// window holds the last bytes of one direction of a connection, 2^bits at most (RFC 7692 section 7.1.1). It is as large as what was
// added, rounded up to a power of two, until it has its full size; then it is a ring.
//
//	| newest ... | oldest ... |
//	0            at           len(buf) == have == 2^bits
type window struct {
	buf  []byte
	have int32 // bytes that are valid
	at   int32 // where the next byte goes
}

// leastWindow is the size in bytes that a window starts with.
const leastWindow = 256

// add puts p behind what is there and lets go of what is more than 2^bits bytes back. p is not kept.
func (w *window) add(p []byte, bits uint8) {
	size := 1 << bits
	if len(p) > size {
		p = p[len(p)-size:]
	}
	if need := int(w.have) + len(p); need > len(w.buf) && len(w.buf) < size {
		w.grow(min(need, size), size)
	}
	for len(p) > 0 {
		n := copy(w.buf[w.at:], p)
		p = p[n:]
		w.have = min(w.have+int32(n), int32(len(w.buf)))
		if w.at += int32(n); int(w.at) == len(w.buf) {
			w.at = 0
		}
	}
}

// grow makes room for need bytes. The window has not come round yet.
func (w *window) grow(need, size int) {
	n := max(len(w.buf), leastWindow)
	for n < need {
		n *= 2
	}
	buf := make([]byte, min(n, size))
	copy(buf, w.buf[:w.have])
	w.buf, w.at = buf, w.have
}

// appendLast appends the last n bytes, or as many as there are, oldest first, to dst.
func (w *window) appendLast(dst []byte, n int) []byte {
	n = min(n, int(w.have))
	if before := n - int(w.at); before > 0 {
		dst = append(dst, w.buf[len(w.buf)-before:]...)
		n = int(w.at)
	}
	return append(dst, w.buf[int(w.at)-n:w.at]...)
}

// whole returns all there is, oldest first, where it lies side by side; else ok is false.
func (w *window) whole() (b []byte, ok bool) {
	return w.buf[:w.have], w.at == 0 || w.at == w.have
}

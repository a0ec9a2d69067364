package endpoint

import "github.com/laminar-ws/laminar/bufpool"

const (
	firstPart = 512           // bytes, the least that an Assembly asks of the pool
	leastRoom = firstPart / 2 // bytes: less free space than that is not worth a read
)

// Assembly gathers a message that came in more than one piece, in one pooled buffer that grows with
// what was received: to at most twice that, whatever length was declared. The zero value is empty.
type Assembly struct {
	buf *bufpool.Buffer
}

// Open reports whether the assembly holds a buffer.
func (a *Assembly) Open() bool { return a.buf != nil }

// Append copies p to the end of the message.
func (a *Assembly) Append(p []byte) {
	if len(p) == 0 && a.buf != nil {
		return
	}
	a.reserve(len(p))
	a.buf.B = append(a.buf.B, p...)
}

// Spare returns free space behind the message for the next bytes of a frame of which left are still to come. What is read there
// is given to Receiver.Payload and then to Added. Space is found for at most as many bytes as were received already.
func (a *Assembly) Spare(left int64) []byte {
	have := 0
	if a.buf != nil {
		have = len(a.buf.B)
	}
	if a.buf == nil || cap(a.buf.B)-have <= leastRoom && left > int64(cap(a.buf.B)-have) {
		a.reserve(int(min(left, int64(max(have, firstPart)))))
	}
	free := a.buf.B[have:cap(a.buf.B)]
	return free[:min(left, int64(len(free)))]
}

// Added says that n bytes of what Spare returned are now part of the message.
func (a *Assembly) Added(n int) { a.buf.B = a.buf.B[:len(a.buf.B)+n] }

// Take hands the buffer with the whole message to the caller and leaves the assembly empty.
func (a *Assembly) Take() *bufpool.Buffer {
	buf := a.buf
	a.buf = nil
	return buf
}

// Drop gives the buffer back to the pool, if there is one.
func (a *Assembly) Drop() {
	if a.buf != nil {
		a.buf.Release()
		a.buf = nil
	}
}

func (a *Assembly) reserve(n int) {
	if a.buf == nil {
		a.buf = bufpool.Get(max(n, firstPart))
		return
	}
	if have := len(a.buf.B); cap(a.buf.B)-have < n {
		a.buf.Grow(max(n, have))
	}
}

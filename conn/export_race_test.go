package conn

import "sync/atomic"

const (
	InlineRounds = inlineRounds
	PumpRounds   = pumpRounds
)

// CountWrites makes c, over a socket and not in use yet, count the calls of the system that write.
func CountWrites(c *Conn) *atomic.Int64 {
	var n atomic.Int64
	OnWrite(c, func() { n.Add(1) })
	return &n
}

// OnWrite makes c, over a socket and not in use yet, call f before each call of the system that writes.
func OnWrite(c *Conn, f func()) {
	write := c.t.sock.out.ready
	c.t.sock.out.ready = func(fd uintptr) bool {
		f()
		return write(fd)
	}
}

// Owed returns the memory that waits to be written, in bytes.
func Owed(c *Conn) int {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pending == nil {
		return 0
	}
	return cap(o.pending.B)
}

// Turns returns how often the reading side has changed hands since a Shutdown began.
func Turns(c *Conn) int {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.turns
}

package conn

import "sync/atomic"

// CountWrites makes c, over a socket and not in use yet, count the calls of the system that write.
func CountWrites(c *Conn) *atomic.Int64 {
	var n atomic.Int64
	write := c.out.ready
	c.out.ready = func(fd uintptr) bool {
		n.Add(1)
		return write(fd)
	}
	return &n
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

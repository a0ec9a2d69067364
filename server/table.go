package server

import "math/bits"

// chunkSize is how many sockets a chunk of a table has room for: a multiple of 64, with which it fills the 8 KiB that Go gives it.
const chunkSize = 960

// table holds the sockets of a loop by slot, a small number that is used again when its socket is gone. It grows and shrinks in chunks, so that sockets
// that are gone leave nothing behind but the first word of their chunk, and a full table has no room to spare.
type table struct {
	chunks []*chunk // nil ones are empty
	free   int      // chunks before this one are full
	n      int
}

type chunk struct {
	sockets [chunkSize]*socket
	used    [chunkSize / 64]uint64 // a bit for each
	n       int
}

// put finds a slot for s.
func (t *table) put(s *socket) (slot uint32) {
	i := t.free
	for i < len(t.chunks) && t.chunks[i] != nil && t.chunks[i].n == chunkSize {
		i++
	}
	t.free = i
	if i == len(t.chunks) {
		t.chunks = append(t.chunks, nil)
	}
	if t.chunks[i] == nil {
		t.chunks[i] = new(chunk)
	}
	t.n++
	return uint32(i*chunkSize + t.chunks[i].put(s))
}

func (c *chunk) put(s *socket) int {
	for i, word := range c.used {
		if word == 1<<64-1 {
			continue
		}
		bit := bits.TrailingZeros64(^word)
		c.used[i] |= 1 << bit
		c.n++
		c.sockets[i*64+bit] = s
		return i*64 + bit
	}
	panic("server: a full chunk")
}

// at returns the socket in the slot, nil for none.
func (t *table) at(slot uint32) *socket {
	i := int(slot / chunkSize)
	if i >= len(t.chunks) || t.chunks[i] == nil {
		return nil
	}
	return t.chunks[i].sockets[slot%chunkSize]
}

// remove frees a slot that is in use.
func (t *table) remove(slot uint32) {
	i, k := int(slot/chunkSize), slot%chunkSize
	c := t.chunks[i]
	c.sockets[k] = nil
	c.used[k/64] &^= 1 << (k % 64)
	c.n--
	t.n--
	t.free = min(t.free, i)
	if c.n > 0 {
		return
	}
	t.chunks[i] = nil
	for len(t.chunks) > 0 && t.chunks[len(t.chunks)-1] == nil {
		t.chunks = t.chunks[:len(t.chunks)-1]
	}
	if len(t.chunks) == 0 {
		t.chunks, t.free = nil, 0
	}
}

// all returns the sockets in the table.
func (t *table) all() []*socket {
	all := make([]*socket, 0, t.n)
	for _, c := range t.chunks {
		if c == nil {
			continue
		}
		for _, s := range c.sockets {
			if s != nil {
				all = append(all, s)
			}
		}
	}
	return all
}

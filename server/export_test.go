package server

import (
	"net"
	"unsafe"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// LoopsSupported says whether Loops means event loops on this system.
const LoopsSupported = poll.Supported

// The sizes of what there is for each connection on a loop, in bytes.
const (
	SocketSize = unsafe.Sizeof(socket{})
	SlotSize   = unsafe.Sizeof(chunk{}) / chunkSize
	SecureSize = unsafe.Sizeof(secure{}) + unsafe.Sizeof(extra{}) + unsafe.Sizeof(swappable{}) + unsafe.Sizeof(ciphertext{})
)

// ChunkSize is how many sockets a chunk of a Table has room for.
const ChunkSize = chunkSize

// Table is a table whose sockets are numbers.
type Table struct {
	t     table
	names map[*socket]int
}

// Put finds a slot for n.
func (t *Table) Put(n int) uint32 {
	if t.names == nil {
		t.names = make(map[*socket]int)
	}
	s := new(socket)
	t.names[s] = n
	return t.t.put(s)
}

// At returns what is in the slot.
func (t *Table) At(slot uint32) (n int, ok bool) {
	n, ok = t.names[t.t.at(slot)]
	return n, ok
}

// Remove frees the slot.
func (t *Table) Remove(slot uint32) { t.t.remove(slot) }

// All returns what is in the table.
func (t *Table) All() (all []int) {
	for _, s := range t.t.all() {
		all = append(all, t.names[s])
	}
	return all
}

// Chunks returns how many chunks there is memory for.
func (t *Table) Chunks() (n int) {
	for _, c := range t.t.chunks {
		if c != nil {
			n++
		}
	}
	return n
}

// Kept returns how many bytes of ciphertext wait for the kernel to take them. nc is a connection's over TLS, on a loop.
func Kept(nc net.Conn) int {
	t := nc.(*secure)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept == nil {
		return 0
	}
	return len(t.kept.B)
}

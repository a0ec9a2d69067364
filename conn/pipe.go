package conn

import (
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// Pipe returns the two ends of a connection in memory, for tests. Each direction holds up to 64 KiB that were not read yet; a write beyond
// that waits. Deadlines and half-closing work as on a socket, also inside a testing/synctest bubble.
func Pipe(clientOptions, serverOptions *Options) (client, server *Conn) {
	a, b := memory.Pipe()
	return New(a, frame.Client, clientOptions), New(b, frame.Server, serverOptions)
}

//go:build !unix

package conn

import (
	"io"

	"github.com/laminar-ws/laminar/bufpool"
)

// socket is for systems whose sockets are read and written through their descriptor: see socket_unix.go.
type socket struct{}

func newSocket(io.WriteCloser) *socket { return nil }

func (*socket) read([]byte, int) (int, *bufpool.Buffer, error) {
	panic("conn: no raw sockets on this system")
}

func (*socket) write([]byte, bool) (int, error) { panic("conn: no raw sockets on this system") }

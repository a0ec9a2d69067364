//go:build !unix

package conn

// rawIO says that sockets are read and written through their descriptor, below net.Conn.
const rawIO = false

func (*socket) readReady(uintptr) bool { panic("conn: no raw sockets on this system") }

func (*socket) writeReady(uintptr) bool { panic("conn: no raw sockets on this system") }

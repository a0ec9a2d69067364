//go:build !unix

package conn

// rawIO says that sockets are read and written through their descriptor, below net.Conn.
const rawIO = false

func readSocket(uintptr, []byte) (int, bool, error) { panic("conn: no raw sockets on this system") }

func writeSocket(uintptr, []byte) (int, error) { panic("conn: no raw sockets on this system") }

package frame

import "strconv"

// Opcode says how a frame's payload is to be read (RFC 6455 section 5.2).
type Opcode uint8

// The opcodes that RFC 6455 section 11.8 registers; 3 to 7 and 11 to 15 are reserved.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

// IsControl reports whether o lies in the range of control frames, registered or not
// (RFC 6455 section 5.5: "the most significant bit of the opcode is 1").
func (o Opcode) IsControl() bool { return o&0x8 != 0 }

// IsData reports whether o opens a data message: Text or Binary.
func (o Opcode) IsData() bool { return o == Text || o == Binary }

// IsReserved reports whether o is not registered, so that its receiver must fail the connection.
func (o Opcode) IsReserved() bool { return o > Pong || o > Binary && o < Close }

// String returns the opcode's name in lower case, or "opcode 0x3" for a reserved one.
func (o Opcode) String() string {
	switch o {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return "opcode 0x" + strconv.FormatUint(uint64(o), 16)
}

// Role is the side of a connection. The zero value is Server.
type Role uint8

// The two sides: a client masks every frame it sends, a server none (RFC 6455 section 5.1).
const (
	Server Role = iota
	Client
)

// Peer returns the other role.
func (r Role) Peer() Role { return r ^ 1 }

// String returns "server" or "client".
func (r Role) String() string {
	if r == Client {
		return "client"
	}
	return "server"
}

package frame_test

import (
	"fmt"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// registered are the opcodes of RFC 6455 section 11.8.
var registered = map[frame.Opcode]struct {
	name          string
	control, data bool
}{
	0x0: {"continuation", false, false},
	0x1: {"text", false, true},
	0x2: {"binary", false, true},
	0x8: {"close", true, false},
	0x9: {"ping", true, false},
	0xA: {"pong", true, false},
}

func TestOpcode_constants(t *testing.T) {
	for want, o := range map[int]frame.Opcode{
		0x0: frame.Continuation, 0x1: frame.Text, 0x2: frame.Binary, 0x8: frame.Close, 0x9: frame.Ping, 0xA: frame.Pong,
	} {
		if int(o) != want {
			t.Errorf("%v is %#x; want %#x (RFC 6455 section 11.8)", o, int(o), want)
		}
	}
}

func TestOpcode_all(t *testing.T) {
	for n := range 256 {
		o := frame.Opcode(n)
		want, known := registered[o]
		name, control := want.name, want.control
		if !known {
			name, control = fmt.Sprintf("opcode 0x%x", n), n&0x8 != 0
		}
		if got := o.String(); got != name {
			t.Errorf("Opcode(%#x).String() = %q; want %q", n, got, name)
		}
		if got := o.IsControl(); got != control {
			t.Errorf("Opcode(%#x).IsControl() = %v; want %v", n, got, control)
		}
		if got := o.IsData(); got != want.data {
			t.Errorf("Opcode(%#x).IsData() = %v; want %v", n, got, want.data)
		}
		if got := o.IsReserved(); got != !known {
			t.Errorf("Opcode(%#x).IsReserved() = %v; want %v", n, got, !known)
		}
	}
}

func TestRole(t *testing.T) {
	var zero frame.Role
	if zero != frame.Server {
		t.Errorf("the zero Role is %v; want server", zero)
	}
	for _, tt := range []struct {
		role, peer frame.Role
		name       string
	}{
		{frame.Server, frame.Client, "server"},
		{frame.Client, frame.Server, "client"},
	} {
		if got := tt.role.Peer(); got != tt.peer {
			t.Errorf("%v.Peer() = %v; want %v", tt.role, got, tt.peer)
		}
		if got := tt.role.String(); got != tt.name {
			t.Errorf("Role(%d).String() = %q; want %q", tt.role, got, tt.name)
		}
	}
}

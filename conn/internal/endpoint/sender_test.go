package endpoint_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// heard returns what the peer of a sender with the given role makes of b.
func heard(t *testing.T, role frame.Role, b []byte) []record {
	t.Helper()
	got := whole(t, noLimit(role), b)
	if got.Err != nil {
		t.Fatalf("the peer refuses it: %v", got.Err)
	}
	return got.Log
}

func TestSender_AppendFrame(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 70000} {
			s := endpoint.NewSender(role)
			payload := []byte(long[:n])
			b := s.AppendFrame([]byte("before"), frame.Header{Opcode: frame.Text}, payload)
			b = s.AppendFrame(b, frame.Header{Fin: true, Opcode: frame.Continuation}, payload)
			b = s.AppendFrame(b, frame.Header{Fin: true, Opcode: frame.Binary}, payload)
			if !bytes.HasPrefix(b, []byte("before")) || string(payload) != long[:n] {
				t.Fatalf("%v, %d bytes: the payload or what stood before was changed", role, n)
			}
			want := []record{text(long[:n] + long[:n]), bin(long[:n])}
			if d := cmp.Diff(want, heard(t, role, b[6:])); d != "" {
				t.Errorf("%v, %d bytes (-want +got):\n%s", role, n, d)
			}
		}
	}
}

func TestSender_zero(t *testing.T) {
	var s endpoint.Sender
	if s.Masks() {
		t.Error("the zero Sender masks; want a server's")
	}
	if got, want := s.AppendFrame(nil, frame.Header{Fin: true, Opcode: frame.Text}, []byte("Hello")), "\x81\x05Hello"; string(got) != want {
		t.Errorf("frame % x; want % x", got, want)
	}
}

// TestSender_AppendHeader: the payload that the caller masks itself with the key is read as it was.
func TestSender_AppendHeader(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		s := endpoint.NewSender(role)
		if s.Masks() != (role == frame.Client) {
			t.Errorf("Masks() of a %v is %v", role, s.Masks())
		}
		payload := []byte(long)
		b, key := s.AppendHeader(nil, frame.Header{Fin: true, Opcode: frame.Binary}, len(payload))
		if s.Masks() {
			frame.Mask(payload, key, 0)
		} else if key != (frame.Key{}) {
			t.Errorf("a server's header has the key %x; want none", key)
		}
		if d := cmp.Diff([]record{bin(long)}, heard(t, role, append(b, payload...))); d != "" {
			t.Errorf("%v (-want +got):\n%s", role, d)
		}
	}
}

// TestSender_keys: "The masking key needs to be unpredictable" (RFC 6455 section 5.3), and is another for each frame.
func TestSender_keys(t *testing.T) {
	s := endpoint.NewSender(frame.Client)
	seen := make(map[string]bool)
	for range 1000 {
		b := s.AppendFrame(nil, frame.Header{Fin: true, Opcode: frame.Text}, nil)
		seen[string(b[2:6])] = true
	}
	if len(seen) < 990 {
		t.Errorf("%d different keys in 1,000 frames", len(seen))
	}
}

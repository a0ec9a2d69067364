//go:build !race

package conn_test

import (
	"slices"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// taking is a transport that takes all.
type taking struct{ n, writes int }

func (t *taking) Write(p []byte) (int, error) {
	t.n += len(p)
	t.writes++
	return len(p), nil
}

func (t *taking) Close() error { return nil }

// TestAllocs_driven: what is fed is answered without an allocation.
func TestAllocs_driven(t *testing.T) {
	for _, role := range roles {
		for _, tt := range []struct {
			name   string
			frames func(p *peer) []byte
			writes int // of the transport, each time
		}{
			{"a message", func(p *peer) []byte { return p.frame(0x82, binaryOf(1000)) }, 1},
			{"a short message", func(p *peer) []byte { return p.frame(0x81, "short") }, 1},
			{"100 messages at once", func(p *peer) []byte { return slices.Repeat(p.frame(0x82, binaryOf(128)), 100) }, 1},
			{"a message in fragments", func(p *peer) []byte {
				return slices.Concat(p.frame(0x02, binaryOf(500)), p.frame(0x00, binaryOf(500)), p.frame(0x80, ""))
			}, 1},
			{"a ping", func(p *peer) []byte { return p.frame(0x89, "ping") }, 1},
			{"nothing", func(p *peer) []byte { return nil }, 0},
		} {
			w := &taking{}
			d := conn.NewDriver(w, role, echoEvents, nil)
			input := tt.frames(&peer{t: t, role: role.Peer()})
			buf := make([]byte, len(input))
			feed := func() {
				if err := d.Feed(buf[:copy(buf, input)]); err != nil {
					t.Fatal(err)
				}
			}
			feed()
			w.writes = 0
			feed()
			if w.writes != tt.writes {
				t.Errorf("%v, %s: answered in %d writes; want %d", role, tt.name, w.writes, tt.writes)
			}
			budget(t, role.String()+", "+tt.name, 0, feed)
			d.Conn().Close()
			d.End(nil)
		}
	}
}

// TestAllocs_drivenCompressed: the same for messages that are compressed, with and without context takeover.
func TestAllocs_drivenCompressed(t *testing.T) {
	for _, z := range compressions {
		w := &taking{}
		d := conn.NewDriver(w, frame.Server, echoEvents, z.options())
		other := overWire(t, frame.Client, z.options(), nil, -1)
		buf := make([]byte, 4096)
		budgeted := func() {
			if err := other.c.Write(t0, frame.Text, prose); err != nil {
				t.Fatal(err)
			}
			err := d.Feed(buf[:copy(buf, other.w.sent)])
			other.w.sent, other.w.writes = other.w.sent[:0], other.w.writes[:0]
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			budgeted()
		}
		budget(t, z.name, 0, budgeted)
		d.Conn().Close()
		d.End(nil)
		other.close()
	}
}

var prose = []byte(proseOf(1000))

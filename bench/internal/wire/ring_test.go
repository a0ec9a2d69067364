package wire

import (
	"bytes"
	"testing"
)

// unmask decodes the first client frame of b, by the letter of RFC 6455 section 5.3, and returns its length.
func unmask(t *testing.T, b []byte, op byte, size int) (payload []byte, n int) {
	t.Helper()
	want := appendHeader(nil, op, size, true)
	if !bytes.HasPrefix(b, want) {
		t.Fatalf("frame begins % x; want % x", b[:len(want)], want)
	}
	key, body := b[len(want):len(want)+4], b[len(want)+4:len(want)+4+size]
	for i, c := range body {
		payload = append(payload, c^key[i&3])
	}
	return payload, len(want) + 4 + size
}

func TestRing_everyPositionCarriesItsSlot(t *testing.T) {
	for _, s := range []Shape{{Op: Binary, Size: 128, Window: 64}, {Op: Text, Size: 5, Window: 3}, {Op: Binary, Window: 1}} {
		r, err := NewRing(s)
		if err != nil {
			t.Fatal(err)
		}
		slot := 5
		snd := r.NewSender(slot)
		for range 3 * r.Slots() {
			snd.Owe(s.Window)
			due := snd.Due()
			for i := range s.Window {
				p, n := unmask(t, due, s.Op, s.Size)
				if want := r.payloads[(slot+i)%r.Slots()]; !bytes.Equal(p, want) {
					t.Fatalf("%+v: message %d after slot %d carries % x; want % x", s, i, slot, p, want)
				}
				due = due[n:]
			}
			if len(due) != 0 {
				t.Fatalf("%+v: %d bytes due after the window", s, len(due))
			}
			snd.Sent(len(snd.Due()))
			slot += s.Window
		}
	}
}

func TestNewRing_textIsPrintable(t *testing.T) {
	r, err := NewRing(Shape{Op: Text, Size: 1000, Window: 1})
	if err != nil {
		t.Fatal(err)
	}
	for slot, p := range r.payloads {
		for _, c := range p {
			if c < ' ' || c > '~' {
				t.Fatalf("slot %d holds byte %#x; want printable ASCII", slot, c)
			}
		}
	}
}

func TestNewRing_slots(t *testing.T) {
	tests := []struct {
		size, window, want int
	}{
		{128, 64, 64},
		{1024, 1, minSlots},
		{smallSize, 1, minSlots},
		{smallSize + 1, 1, 1},
	}
	for _, tt := range tests {
		r, err := NewRing(Shape{Op: Binary, Size: tt.size, Window: tt.window})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Slots(); got != tt.want {
			t.Errorf("size %d, window %d: %d slots; want %d", tt.size, tt.window, got, tt.want)
		}
	}
}

func TestNewRing_outOfBounds(t *testing.T) {
	for _, s := range []Shape{
		{Op: 8, Size: 1, Window: 1},
		{Op: Continuation, Size: 1, Window: 1},
		{Op: Binary, Size: -1, Window: 1},
		{Op: Binary, Size: MaxSize + 1, Window: 1},
		{Op: Binary, Size: 1},
		{Op: Binary, Size: 100, Window: 1, JSON: true},
		{Op: Text, Size: minJSON - 1, Window: 1, JSON: true},
		{Op: Binary, Size: 100, Window: 1, Compression: Takeover + 1},
		{Op: Binary, Size: 0, Window: 1, Compression: NoTakeover},
		{Op: Binary, Size: 257, Window: 1, Compression: Takeover, ClientMaxWindowBits: 8},
		{Op: Binary, Size: 100, Window: 1, Compression: Takeover, ClientMaxWindowBits: 7},
		{Op: Binary, Size: 100, Window: 1, Compression: Takeover, ServerMaxWindowBits: 16},
	} {
		if _, err := NewRing(s); err == nil {
			t.Errorf("NewRing(%+v) succeeded", s)
		}
	}
}

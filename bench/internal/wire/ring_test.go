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

func TestSender_piecemeal(t *testing.T) {
	r, err := NewRing(Shape{Op: Binary, Size: 300, Window: 4})
	if err != nil {
		t.Fatal(err)
	}
	whole, pieces := r.NewSender(0), r.NewSender(0)
	var want, got []byte
	for i := range 40 {
		whole.Owe(1)
		want = append(want, whole.Due()...)
		whole.Sent(len(whole.Due()))

		pieces.Owe(1)
		n := min(len(pieces.Due()), 97+i)
		got = append(got, pieces.Due()[:n]...)
		pieces.Sent(n)
		got = append(got, pieces.Due()...)
		pieces.Sent(len(pieces.Due()))
	}
	if !bytes.Equal(got, want) {
		t.Error("a sender that writes in pieces sends other bytes than one that writes whole frames")
	}
}

func TestSender_oweMoreThanWindow(t *testing.T) {
	r, err := NewRing(Shape{Op: Binary, Size: 1, Window: 2})
	if err != nil {
		t.Fatal(err)
	}
	s := r.NewSender(0)
	s.Owe(2)
	defer func() {
		if recover() == nil {
			t.Error("Owe past the window did not panic")
		}
	}()
	s.Owe(1)
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
	} {
		if _, err := NewRing(s); err == nil {
			t.Errorf("NewRing(%+v) succeeded", s)
		}
	}
}

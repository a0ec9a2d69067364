package wire

import (
	"bytes"
	"testing"
)

func TestSender_piecemeal(t *testing.T) {
	for _, s := range append([]Shape{{Op: Binary, Size: 300, Window: 4}}, deflatedShapes...) {
		r, err := NewRing(s)
		if err != nil {
			t.Fatal(err)
		}
		whole, pieces := r.NewSender(0), r.NewSender(0)
		for i := range 2 * r.Slots() {
			whole.Owe(1)
			want := whole.Due()
			whole.Sent(len(want))

			pieces.Owe(1)
			n := min(len(pieces.Due()), 97+i)
			got := bytes.Clone(pieces.Due()[:n])
			pieces.Sent(n)
			got = append(got, pieces.Due()...)
			pieces.Sent(len(pieces.Due()))
			if !bytes.Equal(got, want) {
				t.Fatalf("%+v: message %d differs where it is written in pieces", s, i)
			}
		}
		if whole.PayloadBytes() != pieces.PayloadBytes() {
			t.Errorf("%+v: %d bytes of payload in pieces; %d in whole frames", s, pieces.PayloadBytes(), whole.PayloadBytes())
		}
	}
}

func TestSender_oweMoreThanWindow(t *testing.T) {
	for _, c := range []Compression{Uncompressed, NoTakeover, Takeover} {
		t.Run(c.String(), func(t *testing.T) {
			r, err := NewRing(Shape{Op: Binary, Size: 100, Window: 2, Compression: c})
			if err != nil {
				t.Fatal(err)
			}
			s := r.NewSender(0)
			s.Owe(2)
			s.Sent(1)
			defer func() {
				if recover() == nil {
					t.Error("Owe past the window did not panic")
				}
			}()
			s.Owe(1)
		})
	}
}

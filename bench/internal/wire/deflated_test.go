package wire

import (
	"bytes"
	"fmt"
	"testing"
)

// deflatedShapes are those that the compressed parts of a ring are tested with.
var deflatedShapes = []Shape{
	{Op: Text, JSON: true, Size: 1024, Window: 1, Compression: NoTakeover},
	{Op: Binary, Size: 100, Window: 64, Compression: NoTakeover},
	{Op: Text, JSON: true, Size: 1024, Window: 1, Compression: Takeover},
	{Op: Text, JSON: true, Size: 1000, Window: 3, Compression: Takeover},
	{Op: Text, JSON: true, Size: 1024, Window: 2, Compression: Takeover, ClientMaxWindowBits: 12},
	{Op: Text, JSON: true, Size: 300, Window: 64, Compression: Takeover, ClientMaxWindowBits: 10},
	{Op: Binary, Size: 256, Window: 1, Compression: Takeover, ClientMaxWindowBits: 8},
	{Op: Text, Size: 40_000, Window: 5, Compression: Takeover},
}

func (s Shape) describe() string {
	return fmt.Sprintf("%v,size=%d,window=%d,bits=%d", s.Compression, s.Size, s.Window, s.ClientMaxWindowBits)
}

// What a connection sends must inflate with what it sent before, and no more: from its first message, over the end of its run-up, and
// in every lap. Where the window is small, no reference may reach further back than it, wherever in the message it stands.
func TestRing_deflatedFramesInflate(t *testing.T) {
	for _, s := range deflatedShapes {
		t.Run(s.describe(), func(t *testing.T) {
			r, err := NewRing(s)
			if err != nil {
				t.Fatal(err)
			}
			dictLen := 0
			if reach := window(s.ClientMaxWindowBits); s.Compression == Takeover && s.ClientMaxWindowBits != 0 {
				dictLen = reach - s.Size
			} else if s.Compression == Takeover {
				dictLen = reach
			}
			for _, i := range []int{0, starts - 1, 777} {
				snd, slot := r.NewSender(i), r.start(i)
				var sent []byte
				var bytesSent int64
				for m := 0; m < r.runUp()+r.Slots()+s.Window; m += s.Window {
					if want := s.Compression == Takeover && m < r.runUp(); snd.RunningUp() != want {
						t.Fatalf("connection %d: RunningUp = %v after %d messages; want %v", i, !want, m, want)
					}
					snd.Owe(s.Window)
					due := snd.Due()
					for range s.Window {
						body, n := unmaskDeflated(t, due, s.Op)
						due = due[n:]
						bytesSent += int64(len(body))
						got, err := inflate(nil, body, sent[max(len(sent)-dictLen, 0):], s.Size)
						if err != nil || !bytes.Equal(got, r.payloads[slot]) {
							t.Fatalf("connection %d: message %d inflates to %.80q, %v; want %.80q of slot %d", i, m, got, err, r.payloads[slot], slot)
						}
						sent = append(sent, got...)
						slot = (slot + 1) % r.Slots()
					}
					if len(due) != 0 {
						t.Fatalf("connection %d: %d bytes due after the window", i, len(due))
					}
					snd.Sent(len(snd.Due()))
				}
				if got := snd.PayloadBytes(); got != bytesSent {
					t.Errorf("connection %d: PayloadBytes = %d; want %d", i, got, bytesSent)
				}
			}
		})
	}
}

// unmaskDeflated decodes the first frame of b, as a server would, and returns its length.
func unmaskDeflated(t *testing.T, b []byte, op byte) (payload []byte, n int) {
	t.Helper()
	if want := finBit | rsv1Bit | op; b[0] != want || b[1]&maskBit == 0 {
		t.Fatalf("a frame begins % x; want %x and a mask", b[:2], want)
	}
	head := bytes.Clone(b[:headerLen(b[1])])
	head[1] &^= maskBit
	_, _, length, err := parseHeader(head, rsv1Bit)
	if err != nil {
		t.Fatal(err)
	}
	key := b[len(head):][:4]
	n = len(head) + len(key) + int(length)
	for i, c := range b[len(head)+len(key) : n] {
		payload = append(payload, c^key[i&3])
	}
	return payload, n
}

func TestRing_takeoverSavesMore(t *testing.T) {
	mean := func(s Shape) float64 {
		r, err := NewRing(s)
		if err != nil {
			t.Fatal(err)
		}
		return float64(r.deflated.loop.payload[r.slots]) / float64(r.slots)
	}
	s := Shape{Op: Text, JSON: true, Size: 1024, Window: 1, Compression: NoTakeover}
	single := mean(s)
	s.Compression = Takeover
	chained := mean(s)
	s.ClientMaxWindowBits = 12
	small := mean(s)
	if !(200 < chained && chained < small && small < single && single < 500) {
		t.Errorf("1,024 bytes of JSON are %.0f compressed, %.0f with the messages before, %.0f with those in 4 KiB; want a ratio as of JSON, and savings in this order",
			single, chained, small)
	}
}

func TestRing_before(t *testing.T) {
	r := &Ring{slots: 3, payloads: [][]byte{[]byte("abc"), []byte("def"), []byte("ghi")}}
	for _, tt := range []struct {
		slot, n int
		want    string
	}{
		{0, 0, ""},
		{0, 1, "i"},
		{0, 4, "fghi"},
		{1, 3, "abc"},
		{2, 14, "bcdefghiabcdef"},
	} {
		if got := r.before(tt.slot, tt.n); string(got) != tt.want {
			t.Errorf("before(%d, %d) = %q; want %q", tt.slot, tt.n, got, tt.want)
		}
	}
}

func TestNewRing_slotsOfDocuments(t *testing.T) {
	for _, s := range []Shape{
		{Op: Text, JSON: true, Size: manySize, Window: 1},
		{Op: Text, JSON: true, Size: 1024, Window: 1, Compression: Takeover},
	} {
		r, err := NewRing(s)
		if err != nil {
			t.Fatal(err)
		}
		distinct := map[string]bool{}
		for _, p := range r.payloads {
			distinct[string(p)] = true
		}
		if len(distinct) < manySlots {
			t.Errorf("%+v: %d distinct messages; want %d", s, len(distinct), manySlots)
		}
	}
}

func TestRing_startsApart(t *testing.T) {
	for _, s := range deflatedShapes[:3] {
		r, err := NewRing(s)
		if err != nil {
			t.Fatal(err)
		}
		first := map[int]bool{}
		for i := range starts {
			first[r.start(i)] = true
		}
		if len(first) != starts {
			t.Errorf("%s: %d connections begin at %d slots", s.describe(), starts, len(first))
		}
	}
}

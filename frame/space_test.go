package frame_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// firstTwo returns a whole header that begins with b0 and b1: the shortest lengths of their form, and a key where one is
// announced.
func firstTwo(dst []byte, b0, b1 byte) []byte {
	dst = append(dst, b0, b1)
	switch b1 % 128 {
	case 126:
		dst = append(dst, 0, 126)
	case 127:
		dst = append(dst, 0, 0, 0, 0, 0, 1, 0, 0)
	}
	if b1 >= 128 {
		dst = append(dst, key[:]...)
	}
	return dst
}

// TestParseHeader_space reads all 2^16 first two bytes, whole, cut at every byte, and written again.
func TestParseHeader_space(t *testing.T) {
	var buf, again [frame.MaxHeaderLen]byte
	for i := range 1 << 16 {
		b := firstTwo(buf[:0], byte(i>>8), byte(i))
		want, size, _, _ := plainParse(b)
		h, n, err := frame.ParseHeader(b)
		if h != want || n != size || err != nil {
			t.Fatalf("ParseHeader(%x) = %+v, %d, %v; want %+v, %d, nil", b, h, n, err, want, size)
		}
		for cut := range b {
			if _, _, err := frame.ParseHeader(b[:cut]); err != io.ErrUnexpectedEOF {
				t.Fatalf("ParseHeader(%x): %v; want %v", b[:cut], err, io.ErrUnexpectedEOF)
			}
		}
		if got := frame.AppendHeader(again[:0], h); !bytes.Equal(got, b) {
			t.Fatalf("AppendHeader(%+v) = %x; want %x", h, got, b)
		}
	}
}

// TestValidator_space holds all 2^16 first two bytes, of either role, with RSV1 negotiated or not, inside a
// fragmented message or not, to the rules.
func TestValidator_space(t *testing.T) {
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, rsv1 := range []bool{false, true} {
			for _, open := range []bool{false, true} {
				t.Run(fmt.Sprintf("from=%v/rsv1=%v/open=%v", from, rsv1, open), func(t *testing.T) {
					// By hand: control frames have FIN, 3 opcodes and lengths 0 to 125. Inside a message there is 1 more opcode with
					// FIN or not and 128 lengths, outside there are 2, and with RSV1 negotiated each of these twice.
					want := 3 * 126
					switch {
					case open:
						want += 2 * 128
					case rsv1:
						want += 2 * 2 * 2 * 128
					default:
						want += 2 * 2 * 128
					}
					if got := checkSpace(t, from, rsv1, open); got != want {
						t.Errorf("%d headers were accepted; want %d", got, want)
					}
				})
			}
		}
	}
}

// checkSpace returns how many headers were accepted in this state.
func checkSpace(t *testing.T, from frame.Role, rsv1, open bool) (accepted int) {
	start := frame.Validator{From: from, Rsv1: rsv1}
	if open {
		if err := start.Check(frame.Header{Opcode: frame.Text, Masked: from == frame.Client}); err != nil {
			t.Fatalf("the first fragment was refused: %v", err)
		}
	}
	var buf [frame.MaxHeaderLen]byte
	for i := range 1 << 16 {
		h, _, err := frame.ParseHeader(firstTwo(buf[:0], byte(i>>8), byte(i)))
		if err != nil {
			t.Fatalf("header %04x: %v", i, err)
		}
		v, j := start, judge{from: from, rsv1: rsv1, open: open}
		want := j.breaches(h)
		err = v.Check(h)
		if err == nil {
			accepted++
		}
		switch got, _ := err.(*frame.Error); {
		case err == nil && want != nil, err != nil && !slices.Contains(want, got):
			t.Fatalf("header %04x: Check = %v; want one of %v", i, err, want)
		case v.Open() != j.open:
			t.Fatalf("header %04x (%v): Open() = %v; want %v", i, err, v.Open(), j.open)
		}
	}
	return accepted
}

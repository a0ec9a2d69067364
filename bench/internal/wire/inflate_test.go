package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestInflate(t *testing.T) {
	hello := []byte{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}
	tests := []struct {
		name, rfc string
		body      []byte
		dict      string
		want      string
		err       error
	}{
		{"one block", "7.2.3.1", hello, "", "Hello", nil},
		{"a dictionary not needed", "7.2.3.1", hello, "x", "Hello", nil},
		{"a reference to the message before", "7.2.3.2", []byte{0xf2, 0x00, 0x11, 0x00, 0x00}, "Hello", "Hello", nil},
		{"stored", "7.2.3.3", []byte{0x00, 0x05, 0x00, 0xfa, 0xff, 'H', 'e', 'l', 'l', 'o', 0x00}, "", "Hello", nil},
		{"two blocks", "7.2.3.5", []byte{0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00}, "", "Hello", nil},
		{"empty", "7.2.3.6", []byte{0x00}, "", "", nil},
		{"a reference to nothing", "7.2.3.2", []byte{0xf2, 0x00, 0x11, 0x00, 0x00}, "", "", ErrInflate},
		{"a reference beyond the window", "7.2.3.2", []byte{0xf2, 0x00, 0x11, 0x00, 0x00}, "llo", "", ErrInflate},
		{"no bytes at all", "7.2.1", nil, "", "", ErrInflate},
		{"cut short", "7.2.1", hello[:4], "", "", ErrInflate},
		{"a last block, and more", "7.2.3.4", []byte{0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}, "", "", ErrInflate},
		{"a block of no type", "7.2.1", []byte{0x06}, "", "", ErrInflate},
		{"longer than the limit", "7.2.3.3", []byte{0x00, 0x06, 0x00, 0xf9, 0xff, 'H', 'e', 'l', 'l', 'o', '!', 0x00}, "", "", ErrLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // an inflater that saw an error is as good as new
				got, err := inflate([]byte("> "), bytes.Clone(tt.body), []byte(tt.dict), 5)
				if string(got) != "> "+tt.want || !errors.Is(err, tt.err) {
					t.Errorf("inflate = %q, %v; want %q, %v (RFC 7692 section %s)", got, err, "> "+tt.want, tt.err, tt.rfc)
				}
			}
		})
	}
}

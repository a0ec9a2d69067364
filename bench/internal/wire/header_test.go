package wire

import (
	"bytes"
	"errors"
	"testing"
)

func TestAppendHeader(t *testing.T) {
	tests := []struct {
		name   string
		rfc    string
		op     byte
		length int
		masked bool
		want   []byte
	}{
		{"empty", "5.2", Binary, 0, false, []byte{0x82, 0x00}},
		{"longest 7-bit", "5.2", Text, 125, false, []byte{0x81, 0x7d}},
		{"shortest 16-bit", "5.2", Binary, 126, false, []byte{0x82, 0x7e, 0x00, 0x7e}},
		{"masked", "5.3", Binary, 128, true, []byte{0x82, 0xfe, 0x00, 0x80}},
		{"longest 16-bit", "5.2", Binary, 65535, false, []byte{0x82, 0x7e, 0xff, 0xff}},
		{"shortest 64-bit", "5.2", Binary, 65536, true, []byte{0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := appendHeader(nil, tt.op, tt.length, tt.masked)
			if !bytes.Equal(got, tt.want) {
				t.Fatalf("appendHeader = % x; want % x (RFC 6455 section %s)", got, tt.want, tt.rfc)
			}
			if tt.masked {
				return
			}
			if n := headerLen(got[1]); n != len(got) {
				t.Errorf("headerLen = %d; want %d", n, len(got))
			}
			fin, op, length, err := parseHeader(got, 0)
			if err != nil || !fin || op != tt.op || length != uint64(tt.length) {
				t.Errorf("parseHeader = %v, %d, %d, %v; want true, %d, %d, nil", fin, op, length, err, tt.op, tt.length)
			}
		})
	}
}

func TestParseHeader_refused(t *testing.T) {
	tests := []struct {
		name string
		rfc  string
		in   []byte
		want error
	}{
		{"RSV1", "5.2", []byte{0xc2, 0x01}, errReserved},
		{"RSV3", "5.2", []byte{0x92, 0x01}, errReserved},
		{"masked", "5.1", []byte{0x82, 0x81}, errMasked},
		{"top bit of the length", "5.2", []byte{0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0}, errLength},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, _, err := parseHeader(tt.in, 0); !errors.Is(err, tt.want) {
				t.Errorf("parseHeader(% x) error = %v; want %v (RFC 6455 section %s)", tt.in, err, tt.want, tt.rfc)
			}
		})
	}
}

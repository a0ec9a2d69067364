package frame_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/frame"
)

var key = frame.Key{0x37, 0xfa, 0x21, 0x3d} // of the examples in RFC 6455 section 5.7

// headerTests are headers in their one wire form.
var headerTests = []struct {
	name string
	rfc  string
	wire []byte
	want frame.Header
}{
	{"unmasked text", "6455 5.7", octets("81 05"), frame.Header{Fin: true, Opcode: frame.Text, Length: 5}},
	{"masked text", "6455 5.7", octets("81 85 37fa213d"), frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Key: key, Length: 5}},
	{"first fragment", "6455 5.7", octets("01 03"), frame.Header{Opcode: frame.Text, Length: 3}},
	{"last fragment", "6455 5.7", octets("80 02"), frame.Header{Fin: true, Opcode: frame.Continuation, Length: 2}},
	{"ping", "6455 5.7", octets("89 05"), frame.Header{Fin: true, Opcode: frame.Ping, Length: 5}},
	{"masked pong", "6455 5.7", octets("8a 85 37fa213d"), frame.Header{Fin: true, Opcode: frame.Pong, Masked: true, Key: key, Length: 5}},
	{"256 bytes of binary", "6455 5.7", octets("82 7e 0100"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 256}},
	{"64 KiB of binary", "6455 5.7", octets("82 7f 0000000000010000"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 65536}},
	{"close", "6455 5.5.1", octets("88 02"), frame.Header{Fin: true, Opcode: frame.Close, Length: 2}},
	{"compressed", "7692 7.2.3.1", octets("c1 07"), frame.Header{Fin: true, Rsv1: true, Opcode: frame.Text, Length: 7}},
	{"RSV2", "6455 5.2", octets("a1 00"), frame.Header{Fin: true, Rsv2: true, Opcode: frame.Text}},
	{"RSV3", "6455 5.2", octets("91 00"), frame.Header{Fin: true, Rsv3: true, Opcode: frame.Text}},
	{"reserved opcode", "6455 5.2", octets("8b 00"), frame.Header{Fin: true, Opcode: 0xb}},
	{"a key of zero", "6455 5.3", octets("81 80 00000000"), frame.Header{Fin: true, Opcode: frame.Text, Masked: true}},
	{"length 0", "6455 5.2", octets("82 00"), frame.Header{Fin: true, Opcode: frame.Binary}},
	{"length 125", "6455 5.2", octets("82 7d"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 125}},
	{"length 126", "6455 5.2", octets("82 7e 007e"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 126}},
	{"length 127", "6455 5.2", octets("82 7e 007f"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 127}},
	{"length 65535", "6455 5.2", octets("82 7e ffff"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 65535}},
	{"length 65535, masked", "6455 5.2", octets("82 fe ffff 37fa213d"), frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Key: key, Length: 65535}},
	{"length 2^32", "6455 5.2", octets("82 7f 0000000100000000"), frame.Header{Fin: true, Opcode: frame.Binary, Length: 1 << 32}},
	{"length 2^63-1", "6455 5.2", octets("82 7f 7fffffffffffffff"), frame.Header{Fin: true, Opcode: frame.Binary, Length: math.MaxInt64}},
	{"longest header", "6455 5.2", octets("82 ff 7fffffffffffffff 37fa213d"), frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Key: key, Length: math.MaxInt64}},
}

func TestParseHeader(t *testing.T) {
	for _, tt := range headerTests {
		t.Run(tt.name, func(t *testing.T) {
			for _, behind := range [][]byte{nil, octets("ff"), fill(20)} {
				b := bytes.Join([][]byte{tt.wire, behind}, nil)
				before := bytes.Clone(b)
				h, n, err := frame.ParseHeader(b)
				if h != tt.want || n != len(tt.wire) || err != nil {
					t.Errorf("RFC %s: ParseHeader(%x) = %+v, %d, %v; want %+v, %d, nil", tt.rfc, b, h, n, err, tt.want, len(tt.wire))
				}
				if !bytes.Equal(b, before) {
					t.Errorf("ParseHeader changed its input to %x; want %x", b, before)
				}
			}
		})
	}
}

func TestParseHeader_prefix(t *testing.T) {
	for _, tt := range headerTests {
		for n := range tt.wire {
			h, size, err := frame.ParseHeader(tt.wire[:n:n])
			if h != (frame.Header{}) || size != 0 || err != io.ErrUnexpectedEOF {
				t.Errorf("%s: ParseHeader(%x) = %+v, %d, %v; want zero, 0, %v", tt.name, tt.wire[:n], h, size, err, io.ErrUnexpectedEOF)
			}
		}
	}
}

// badHeaderTests are headers whose length no sender may write.
var badHeaderTests = []struct {
	name string
	rfc  string
	wire []byte
	want *frame.Error
}{
	{"0 in 16 bits", "6455 5.2", octets("82 7e 0000"), frame.ErrNonMinimal},
	{"125 in 16 bits", "6455 5.2", octets("82 7e 007d"), frame.ErrNonMinimal},
	{"125 in 16 bits, masked", "6455 5.2", octets("82 fe 007d 37fa213d"), frame.ErrNonMinimal},
	{"125 in 16 bits, key not here yet", "6455 5.2", octets("82 fe 007d"), frame.ErrNonMinimal},
	{"0 in 64 bits", "6455 5.2", octets("82 7f 0000000000000000"), frame.ErrNonMinimal},
	{"125 in 64 bits", "6455 5.2", octets("82 7f 000000000000007d"), frame.ErrNonMinimal},
	{"65535 in 64 bits", "6455 5.2", octets("82 7f 000000000000ffff"), frame.ErrNonMinimal},
	{"65535 in 64 bits, masked", "6455 5.2", octets("82 ff 000000000000ffff 37fa213d"), frame.ErrNonMinimal},
	{"2^63", "6455 5.2", octets("82 7f 8000000000000000"), frame.ErrTopBit},
	{"2^63 + 5, five after a conversion that drops the bit", "6455 5.2", octets("82 7f 8000000000000005 'Hello'"), frame.ErrTopBit},
	{"2^64 - 1, minus one after a conversion to int64", "6455 5.2", octets("82 7f ffffffffffffffff"), frame.ErrTopBit},
	{"2^64 - 1, masked", "6455 5.2", octets("82 ff ffffffffffffffff 37fa213d"), frame.ErrTopBit},
}

func TestParseHeader_badLength(t *testing.T) {
	for _, tt := range badHeaderTests {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := frame.ParseHeader(tt.wire)
			if h != (frame.Header{}) || n != 0 || err != error(tt.want) {
				t.Errorf("RFC %s: ParseHeader(%x) = %+v, %d, %v; want zero, 0, %v", tt.rfc, tt.wire, h, n, err, tt.want)
			}
		})
	}
}

func TestAppendHeader(t *testing.T) {
	for _, tt := range headerTests {
		t.Run(tt.name, func(t *testing.T) {
			for _, dst := range [][]byte{nil, octets("aabb"), append(make([]byte, 0, 64), 0xcc)} {
				want := bytes.Join([][]byte{dst, tt.wire}, nil)
				if got := frame.AppendHeader(dst, tt.want); !bytes.Equal(got, want) {
					t.Errorf("RFC %s: AppendHeader(%x, %+v) = %x; want %x", tt.rfc, dst, tt.want, got, want)
				}
			}
		})
	}
}

func TestAppendHeader_unusedFields(t *testing.T) {
	h := frame.Header{Fin: true, Opcode: 0xf1, Key: key, Length: 1}
	if got, want := frame.AppendHeader(nil, h), octets("81 01"); !bytes.Equal(got, want) {
		t.Errorf("AppendHeader(nil, %+v) = %x; want %x: no key where Masked is not set, four bits of the opcode", h, got, want)
	}
}

func TestAppendHeader_negativeLength(t *testing.T) {
	for _, length := range []int64{-1, math.MinInt64} {
		func() {
			defer func() {
				if p := recover(); p != "frame: negative payload length" {
					t.Errorf("AppendHeader of length %d panicked with %v; want the negative length named", length, p)
				}
			}()
			got := frame.AppendHeader(nil, frame.Header{Length: length})
			t.Errorf("AppendHeader of length %d = %x; want a panic", length, got)
		}()
	}
}

// TestAppendHeader_everyPower goes around each power of two, where the form of the length changes or might.
func TestAppendHeader_everyPower(t *testing.T) {
	for shift := range 63 {
		for _, length := range []int64{1<<shift - 1, 1 << shift, 1<<shift + 1} {
			for _, masked := range []bool{false, true} {
				want := frame.Header{Fin: true, Opcode: frame.Binary, Masked: masked, Length: length}
				if masked {
					want.Key = key
				}
				b := frame.AppendHeader(nil, want)
				plain, size, _, breach := plainParse(b)
				if diff := cmp.Diff(want, plain); diff != "" || size != len(b) || breach != nil {
					t.Errorf("length %d is written as %x, %d bytes of header (%v):\n%s", length, b, size, breach, diff)
				}
				if h, n, err := frame.ParseHeader(b); h != want || n != len(b) || err != nil {
					t.Errorf("ParseHeader(%x) = %+v, %d, %v; want %+v, %d, nil", b, h, n, err, want, len(b))
				}
			}
		}
	}
}

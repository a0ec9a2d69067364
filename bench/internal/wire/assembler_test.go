package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// assemble feeds b in pieces as next says and returns what it makes, each as opcode and payload.
func assemble(b []byte, next func(left int) int) (got []string, err error) {
	var a Assembler
	for len(b) > 0 {
		n := next(len(b))
		err := a.Feed(b[:n], func(op byte, payload []byte) error {
			got = append(got, fmt.Sprintf("%d %s", op, payload))
			return nil
		})
		if err != nil {
			return got, err
		}
		b = b[n:]
	}
	return got, nil
}

func TestAssembler_Feed(t *testing.T) {
	var b []byte
	b = appendEcho(b, Text, true, []byte("one"))
	b = appendEcho(b, Binary, true, nil)
	b = appendEcho(b, Text, false, []byte("in "))
	b = appendEcho(b, Continuation, false, nil)
	b = appendEcho(b, 9, true, []byte("ping"))
	b = appendEcho(b, Continuation, true, []byte("pieces"))
	b = appendEcho(b, Binary, true, bytes.Repeat([]byte("x"), 300))
	b = appendEcho(b, Close, true, []byte("\x03\xe8"))
	want := []string{"1 one", "2 ", "9 ping", "1 in pieces", "2 " + strings.Repeat("x", 300), "8 \x03\xe8"}
	rng := rand.New(rand.NewPCG(3, 5))
	for name, next := range map[string]func(int) int{
		"whole":  func(left int) int { return left },
		"bytes":  func(int) int { return 1 },
		"random": func(left int) int { return 1 + rng.IntN(left) },
	} {
		if got, err := assemble(b, next); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestAssembler_refused(t *testing.T) {
	for _, tt := range []struct {
		name, rfc string
		b         []byte
	}{
		{"a reserved bit", "5.2", []byte{0xc2, 0x00}},
		{"masked", "5.1", []byte{0x82, 0x80}},
		{"a continuation of nothing", "5.4", []byte{0x80, 0x00}},
		{"a message within a message", "5.4", []byte{0x01, 0x00, 0x81, 0x00}},
		{"a fragmented ping", "5.5", []byte{0x09, 0x00}},
		{"a long ping", "5.5", []byte{0x89, 0x7e, 0x00, 0x7e}},
		{"a long message", "", []byte{0x82, 0x7f, 0, 0, 0, 0, 0x04, 0, 0, 1}},
	} {
		for _, next := range []func(int) int{func(left int) int { return left }, func(int) int { return 1 }} {
			if got, err := assemble(tt.b, next); err == nil {
				t.Errorf("%s gives %q; want an error (RFC 6455 section %s)", tt.name, got, tt.rfc)
			}
		}
	}
}

func TestAssembler_errorOfEach(t *testing.T) {
	var a Assembler
	want := errors.New("enough")
	if err := a.Feed([]byte{0x81, 0x00}, func(byte, []byte) error { return want }); err != want {
		t.Errorf("Feed = %v; want the error of each", err)
	}
}

// The example of RFC 6455 section 5.7: a single-frame masked text message, "Hello".
func TestAppendMasked(t *testing.T) {
	want := []byte{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}
	if got := AppendMasked(nil, Text, []byte("Hello"), 0x37fa213d); !bytes.Equal(got, want) {
		t.Errorf("AppendMasked = % x; want % x", got, want)
	}
}

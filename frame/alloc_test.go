package frame_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// endless gives b again and again.
type endless struct {
	b   []byte
	pos int
}

func (s *endless) Read(p []byte) (int, error) {
	n := copy(p, s.b[s.pos:])
	s.pos = (s.pos + n) % len(s.b)
	return n, nil
}

// TestAllocs holds what runs for each frame to no allocation at all, also where the input is hostile.
func TestAllocs(t *testing.T) {
	var (
		wire    = octets("81 fe 0400 37fa213d")
		topBit  = octets("82 7f ffffffffffffffff")
		header  = frame.Header{Fin: true, Opcode: frame.Binary}
		dst     = make([]byte, 0, 4096)
		p       = fill(1024)
		v       = frame.Validator{From: frame.Client}
		bad     frame.Validator
		reason  = octets("03e8 'going'")
		badBody = octets("03ed")
		in      = frame.NewReader(&endless{b: octets("82 fe 0400 37fa213d", p)}, frame.Validator{From: frame.Client})
		toPeer  = frame.NewWriter(io.Discard, frame.Server)
		toHost  = frame.NewWriter(io.Discard, frame.Client)
		large   = fill(100 << 10)
	)
	for _, tt := range []struct {
		name string
		f    func() error
		want error
	}{
		{"ParseHeader", func() error { _, _, err := frame.ParseHeader(wire); return err }, nil},
		{"ParseHeader, cut", func() error { _, _, err := frame.ParseHeader(wire[:5]); return err }, io.ErrUnexpectedEOF},
		{"ParseHeader, bad length", func() error { _, _, err := frame.ParseHeader(topBit); return err }, frame.ErrTopBit},
		{"AppendHeader", func() error { frame.AppendHeader(dst, masked(text)); return nil }, nil},
		{"Mask", func() error { frame.Mask(p, key, 1); return nil }, nil},
		{"AppendMasked", func() error { frame.AppendMasked(dst, p, key); return nil }, nil},
		{"NewKey", func() error { frame.NewKey(); return nil }, nil},
		{"Validator.Check", func() error { return v.Check(masked(text)) }, nil},
		{"Validator.Check, bad", func() error { return bad.Check(contEnd) }, frame.ErrNoMessage},
		{"ParseClose", func() error { _, _, err := frame.ParseClose(reason); return err }, nil},
		{"ParseClose, bad", func() error { _, _, err := frame.ParseClose(badBody); return err }, frame.ErrCloseCode},
		{"AppendClose", func() error { frame.AppendClose(dst, closecode.GoingAway, "going"); return nil }, nil},
		{"Reader.Next and Read", func() error {
			if _, err := in.Next(); err != nil {
				return err
			}
			_, err := io.ReadFull(in, p)
			return err
		}, nil},
		{"Reader.Next alone", func() error { _, err := in.Next(); return err }, nil},
		{"Writer.WriteFrame from a server", func() error { return toPeer.WriteFrame(header, p) }, nil},
		{"Writer.WriteFrame from a client", func() error { return toHost.WriteFrame(header, p) }, nil},
		{"Writer.WriteFrame from a server, large", func() error { return toPeer.WriteFrame(header, large) }, nil},
		{"Writer.WriteFrame from a client, large", func() error { return toHost.WriteFrame(header, large) }, nil},
		{"Writer.WriteFrame, refused", func() error { return toHost.WriteFrame(contEnd, p) }, frame.ErrNoMessage},
	} {
		var err error
		allocs := testing.AllocsPerRun(1000, func() { err = tt.f() })
		if allocs != 0 {
			t.Errorf("%s allocates %v times a run; want 0", tt.name, allocs)
		}
		if err != tt.want {
			t.Errorf("%s: %v; want %v", tt.name, err, tt.want)
		}
	}
}

// TestAllocs_new: a Reader is itself, a bufio.Reader and its buffer; over a bufio.Reader, and a Writer, one allocation.
func TestAllocs_new(t *testing.T) {
	src := bytes.NewReader(nil)
	for _, tt := range []struct {
		name string
		f    func()
		want float64
	}{
		{"NewReader", func() { sink = frame.NewReader(src, frame.Validator{}) }, 3},
		{"NewWriter", func() { sink = frame.NewWriter(io.Discard, frame.Client) }, 1},
	} {
		if got := testing.AllocsPerRun(100, tt.f); got != tt.want {
			t.Errorf("%s allocates %v times; want %v", tt.name, got, tt.want)
		}
	}
}

var sink any // keeps results from being optimized away

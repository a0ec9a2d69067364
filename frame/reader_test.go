package frame_test

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/laminar-ws/laminar/frame"
)

// streamTests are streams of frames; want is what comes before the end.
var streamTests = []struct {
	name string
	rfc  string
	v    frame.Validator
	wire []byte
	want []record
	end  error
}{
	{"nothing", "6455 5", frame.Validator{}, octets(""), []record{}, io.EOF},
	{"a text from a server", "6455 5.7", frame.Validator{}, octets("81 05 'Hello'"), []record{{text, octets("'Hello'")}}, io.EOF},
	{"a text from a client", "6455 5.7", frame.Validator{From: frame.Client}, octets("81 85 37fa213d 7f9f4d5158"),
		[]record{{masked(text), octets("'Hello'")}}, io.EOF},
	{"fragments around a ping", "6455 5.4", frame.Validator{}, octets("01 03 'Hel' 89 05 'Hello' 80 02 'lo'"),
		[]record{{long(textBegin, 3), octets("'Hel'")}, {ping, octets("'Hello'")}, {long(contEnd, 2), octets("'lo'")}}, io.EOF},
	{"empty frames", "6455 5.4", frame.Validator{From: frame.Client}, octets("01 80 37fa213d 80 80 37fa213d"),
		[]record{{masked(long(textBegin, 0)), octets("")}, {masked(long(contEnd, 0)), octets("")}}, io.EOF},
	{"a length of 16 bits", "6455 5.7", frame.Validator{}, octets("82 7e 0100", fill(256)),
		[]record{{frame.Header{Fin: true, Opcode: frame.Binary, Length: 256}, fill(256)}}, io.EOF},
	{"a length of 64 bits, and a frame behind", "6455 5.7", frame.Validator{}, octets("82 7f 0000000000010000", fill(65536), octets("81 05 'Hello'")),
		[]record{{frame.Header{Fin: true, Opcode: frame.Binary, Length: 65536}, fill(65536)}, {text, octets("'Hello'")}}, io.EOF},
	{"a masked payload longer than the buffer", "6455 5.3", frame.Validator{From: frame.Client}, octets("82 fe 2711 37fa213d", frame.AppendMasked(nil, fill(10001), key)),
		[]record{{frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Key: key, Length: 10001}, fill(10001)}}, io.EOF},
	{"compressed", "7692 7.2.3.1", frame.Validator{Rsv1: true}, octets("c1 07 f248cdc9c90700"),
		[]record{{rsv1(long(text, 7)), octets("f248cdc9c90700")}}, io.EOF},
	{"frames behind a close are read on", "6455 5.5.1", frame.Validator{}, octets("88 02 03e8 81 05 'Hello'"),
		[]record{{closing, octets("03e8")}, {text, octets("'Hello'")}}, io.EOF},

	{"ends in a header of two bytes", "6455 5.2", frame.Validator{}, octets("81 05 'Hello' 81"), []record{{text, octets("'Hello'")}}, io.ErrUnexpectedEOF},
	{"ends in a length", "6455 5.2", frame.Validator{}, octets("82 7f 00000000"), []record{}, io.ErrUnexpectedEOF},
	{"ends in a key", "6455 5.2", frame.Validator{From: frame.Client}, octets("81 85 37fa21"), []record{}, io.ErrUnexpectedEOF},
	{"ends behind a header", "6455 5.2", frame.Validator{}, octets("81 05"), []record{{text, octets("")}}, io.ErrUnexpectedEOF},
	{"ends in a payload", "6455 5.2", frame.Validator{From: frame.Client}, octets("81 85 37fa213d 7f9f"), []record{{masked(text), octets("'He'")}}, io.ErrUnexpectedEOF},
	{"ends inside a message, between frames", "6455 5.4", frame.Validator{}, octets("01 05 'Hello'"), []record{{textBegin, octets("'Hello'")}}, io.EOF},

	{"not masked", "6455 5.1", frame.Validator{From: frame.Client}, octets("81 05 'Hello'"), []record{}, frame.ErrUnmasked},
	{"masked", "6455 5.1", frame.Validator{}, octets("81 85 37fa213d 7f9f4d5158"), []record{}, frame.ErrMasked},
	{"length not minimal", "6455 5.2", frame.Validator{}, octets("81 05 'Hello' 82 7e 0005 'Hello'"), []record{{text, octets("'Hello'")}}, frame.ErrNonMinimal},
	{"length with the top bit", "6455 5.2", frame.Validator{}, octets("82 7f 8000000000000005 'Hello'"), []record{}, frame.ErrTopBit},
	{"continuation of nothing", "6455 5.4", frame.Validator{}, octets("80 05 'Hello'"), []record{}, frame.ErrNoMessage},
	{"over the limit, payload not here", "6455 10.4", frame.Validator{MaxFrame: 4}, octets("81 05"), []record{}, frame.ErrTooLong},
	{"long ping, payload not here", "6455 5.5", frame.Validator{}, octets("89 7e 007e"), []record{}, frame.ErrControlLong},
}

// source is a way of giving bytes.
type source struct {
	how  string
	open func() io.Reader
}

// sources are the ways to give b: whole, in small pieces, and at 64 random splits.
func sources(t *testing.T, b []byte) []source {
	whole := func() io.Reader { return bytes.NewReader(b) }
	all := []source{
		{"whole", whole},
		{"byte by byte", func() io.Reader { return iotest.OneByteReader(whole()) }},
		{"half of each", func() io.Reader { return iotest.HalfReader(whole()) }},
		{"end with the data", func() io.Reader { return iotest.DataErrReader(whole()) }},
		{"smallest buffer", func() io.Reader { return bufio.NewReaderSize(whole(), 16) }},
		{"nothing now and then", func() io.Reader { return &idle{r: whole()} }},
	}
	rnd := random(t)
	for range 64 {
		all = append(all, source{"split", func() io.Reader { return split(b, rnd) }})
	}
	return all
}

// idle returns 0, nil before each byte.
type idle struct {
	r    io.Reader
	turn bool
}

func (s *idle) Read(p []byte) (int, error) {
	if s.turn = !s.turn; s.turn || len(p) == 0 {
		return 0, nil
	}
	return s.r.Read(p[:1])
}

func TestReader(t *testing.T) {
	for _, tt := range streamTests {
		t.Run(tt.name, func(t *testing.T) {
			for _, src := range sources(t, tt.wire) {
				r := frame.NewReader(src.open(), tt.v)
				got, err := collect(r)
				if d := diff(tt.want, got); d != "" || err != tt.end {
					t.Fatalf("RFC %s: %s: ended with %v; want %v; %s", tt.rfc, src.how, err, tt.end, d)
				}
				sticks(t, r, tt.end)
			}
		})
	}
}

// sticks asks an ended Reader a few times more.
func sticks(t *testing.T, r *frame.Reader, want error) {
	t.Helper()
	for range 3 {
		if h, err := r.Next(); h != (frame.Header{}) || err != want {
			t.Fatalf("Next behind the end = %+v, %v; want zero, %v", h, err, want)
		}
		if n, err := r.Read(make([]byte, 8)); n != 0 || err != want {
			t.Fatalf("Read behind the end = %d, %v; want 0, %v", n, err, want)
		}
	}
}

// TestReader_oracle holds the table itself, and each stream cut at every byte, against the plain walk.
func TestReader_oracle(t *testing.T) {
	for _, tt := range streamTests {
		t.Run(tt.name, func(t *testing.T) {
			for cut := 0; cut <= len(tt.wire); cut += 1 + cut/100 {
				want, ends := plainWalk(tt.wire[:cut], judge{from: tt.v.From, rsv1: tt.v.Rsv1, maxFrame: tt.v.MaxFrame})
				got, err := collect(frame.NewReader(bytes.NewReader(tt.wire[:cut]), tt.v))
				if d := diff(want, got); d != "" || !slices.Contains(ends, err) {
					t.Fatalf("the first %d bytes end with %v; want one of %v; %s", cut, err, ends, d)
				}
			}
		})
	}
}

// TestReader_skip reads none, a part or all of each payload: the headers are the same.
func TestReader_skip(t *testing.T) {
	for _, tt := range streamTests {
		t.Run(tt.name, func(t *testing.T) {
			rnd := random(t)
			for _, src := range sources(t, tt.wire) {
				r := frame.NewReader(src.open(), tt.v)
				i := 0
				for ; ; i++ {
					h, err := r.Next()
					if err != nil {
						if err != tt.end {
							t.Fatalf("%s: ended with %v; want %v", src.how, err, tt.end)
						}
						sticks(t, r, err)
						break
					}
					if i == len(tt.want) || h != tt.want[i].Header {
						t.Fatalf("%s: frame %d is %+v; want those of %+v", src.how, i, h, tt.want)
					}
					p := make([]byte, rnd.IntN(len(tt.want[i].Payload)+1))
					if _, err := io.ReadFull(r, p); err != nil || !bytes.Equal(p, tt.want[i].Payload[:len(p)]) {
						t.Fatalf("%s: frame %d begins with %x (%v); want %x", src.how, i, p, err, tt.want[i].Payload[:len(p)])
					}
				}
				if i != len(tt.want) {
					t.Fatalf("%s: %d frames; want %d", src.how, i, len(tt.want))
				}
			}
		})
	}
}

// TestReader_payloadEnd: io.EOF says that a payload ends, not that the stream does.
func TestReader_payloadEnd(t *testing.T) {
	r := frame.NewReader(bytes.NewReader(octets("81 05 'Hello' 89 00")), frame.Validator{})
	p := make([]byte, 8)
	if n, err := r.Read(p); n != 0 || err != io.EOF {
		t.Errorf("Read before the first frame = %d, %v; want 0, EOF", n, err)
	}
	if h, err := r.Next(); h != text || err != nil {
		t.Fatalf("Next = %+v, %v; want %+v, nil", h, err, text)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("Read into nothing = %d, %v; want 0, nil", n, err)
	}
	if n, err := r.Read(p); n != 5 || err != nil || string(p[:n]) != "Hello" {
		t.Errorf("Read = %d, %v, %q; want 5, nil, Hello", n, err, p[:n])
	}
	for range 2 {
		if n, err := r.Read(p); n != 0 || err != io.EOF {
			t.Errorf("Read at the payload's end = %d, %v; want 0, EOF", n, err)
		}
	}
	if h, err := r.Next(); h != long(ping, 0) || err != nil {
		t.Errorf("Next = %+v, %v; want an empty ping", h, err)
	}
	if n, err := r.Read(p); n != 0 || err != io.EOF {
		t.Errorf("Read of an empty payload = %d, %v; want 0, EOF", n, err)
	}
}

// TestReader_bufio: what comes behind the frames stays in the caller's bufio.Reader, small as it may be.
func TestReader_bufio(t *testing.T) {
	for _, size := range []int{16, 64, 4096, 65536} {
		src := bufio.NewReaderSize(bytes.NewReader(octets("81 05 'Hello' 'what' 'follows'")), size)
		r := frame.NewReader(src, frame.Validator{})
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if p, err := io.ReadAll(r); string(p) != "Hello" || err != nil {
			t.Fatalf("payload %q, %v; want Hello", p, err)
		}
		if rest, err := io.ReadAll(src); string(rest) != "whatfollows" || err != nil {
			t.Errorf("buffer of %d: left to the caller %q, %v; want whatfollows", size, rest, err)
		}
	}
}

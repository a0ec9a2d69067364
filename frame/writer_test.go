package frame_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// calls is an io.Writer that keeps what each call brought.
type calls [][]byte

func (c *calls) Write(p []byte) (int, error) {
	*c = append(*c, bytes.Clone(p))
	return len(p), nil
}

// one returns what the only call brought.
func (c *calls) one(t *testing.T) []byte {
	t.Helper()
	if len(*c) != 1 {
		t.Fatalf("%d calls of Write; want 1", len(*c))
	}
	return (*c)[0]
}

// writerTests are frames as a server writes them. A client's have a key as well.
var writerTests = []struct {
	name    string
	rfc     string
	header  frame.Header
	payload []byte
	want    []byte
}{
	{"text", "6455 5.7", frame.Header{Fin: true, Opcode: frame.Text}, octets("'Hello'"), octets("81 05 'Hello'")},
	{"first fragment", "6455 5.7", frame.Header{Opcode: frame.Text}, octets("'Hel'"), octets("01 03 'Hel'")},
	{"ping", "6455 5.7", frame.Header{Fin: true, Opcode: frame.Ping}, octets("'Hello'"), octets("89 05 'Hello'")},
	{"empty", "6455 5.2", frame.Header{Fin: true, Opcode: frame.Binary}, nil, octets("82 00")},
	{"compressed", "7692 7.2.3.1", frame.Header{Fin: true, Rsv1: true, Opcode: frame.Text}, octets("f248cdc9c90700"), octets("c1 07 f248cdc9c90700")},
	{"16-bit length", "6455 5.7", frame.Header{Fin: true, Opcode: frame.Binary}, fill(256), octets("82 7e 0100", fill(256))},
	{"length, masking and key of the header do not count", "6455 5.1", frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Key: key, Length: -7}, octets("'Hello'"), octets("81 05 'Hello'")},
	{"a length longer than the payload does not count", "6455 5.2", frame.Header{Fin: true, Opcode: frame.Ping, Length: 7000}, octets("'Hello'"), octets("89 05 'Hello'")},
	{"control frame of 125 bytes", "6455 5.5", frame.Header{Fin: true, Opcode: frame.Close}, fill(125), octets("88 7d", fill(125))},
}

func TestWriter(t *testing.T) {
	for _, tt := range writerTests {
		t.Run(tt.name, func(t *testing.T) {
			var out calls
			before := bytes.Clone(tt.payload)
			if err := frame.NewWriter(&out, frame.Server).WriteFrame(tt.header, tt.payload); err != nil {
				t.Fatalf("RFC %s: WriteFrame from a server: %v", tt.rfc, err)
			}
			if got := out.one(t); !bytes.Equal(got, tt.want) {
				t.Errorf("RFC %s: a server writes %x; want %x", tt.rfc, got, tt.want)
			}

			out = nil
			if err := frame.NewWriter(&out, frame.Client).WriteFrame(tt.header, tt.payload); err != nil {
				t.Fatalf("RFC %s: WriteFrame from a client: %v", tt.rfc, err)
			}
			got := out.one(t)
			end := len(tt.want) - len(tt.payload) // of the header without a key
			if len(got) != len(tt.want)+4 {
				t.Fatalf("RFC %s: a client writes %d bytes; want %d", tt.rfc, len(got), len(tt.want)+4)
			}
			want := bytes.Clone(tt.want[:end])
			want[1] |= 0x80
			k := [4]byte(got[end:])
			want = append(want, k[:]...)
			for i, o := range tt.payload {
				want = append(want, o^k[i%4])
			}
			if !bytes.Equal(got, want) {
				t.Errorf("RFC %s: a client writes %x; want %x", tt.rfc, got, want)
			}
			if !bytes.Equal(tt.payload, before) {
				t.Errorf("WriteFrame changed the payload to %x; want %x", tt.payload, before)
			}
		})
	}
}

// TestWriter_freshKey: "the masking key needs to be unpredictable", so no two frames share one but by chance.
func TestWriter_freshKey(t *testing.T) {
	var out calls
	w := frame.NewWriter(&out, frame.Client)
	seen := map[frame.Key]bool{}
	for range 1000 {
		if err := w.WriteFrame(frame.Header{Fin: true, Opcode: frame.Text, Key: key}, octets("'Hello'")); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range out {
		h, _, err := frame.ParseHeader(b)
		if err != nil {
			t.Fatal(err)
		}
		seen[h.Key] = true
	}
	if len(seen) < 990 {
		t.Errorf("1000 frames have %d keys; want one for each", len(seen))
	}
}

// room is how much payload of a binary frame leaves in one call with its header.
func room(from frame.Role) int {
	n := frame.WriteChunk - 4
	if from == frame.Client {
		n -= 4
	}
	return n
}

func TestWriter_calls(t *testing.T) {
	binary := frame.Header{Fin: true, Opcode: frame.Binary}
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, n := range []int{0, 1, 125, 126, 1024, room(from) - 1, room(from), room(from) + 1, 2 * frame.WriteChunk, 65535, 65536, 1 << 20} {
			var out calls
			var last *byte // where the last call's bytes are
			p := fill(n)
			w := frame.NewWriter(writeFunc(func(b []byte) (int, error) {
				last = &b[0]
				return out.Write(b)
			}), from)
			if err := w.WriteFrame(binary, p); err != nil {
				t.Fatal(err)
			}
			all := bytes.Join(out, nil)
			want := 1
			switch {
			case n <= room(from):
			case from == frame.Server:
				want = 2 // the second is the caller's own slice
				if last != &p[n-len(out[1])] {
					t.Errorf("%d bytes from a server: the rest was copied", n)
				}
			default:
				want = (len(all) + frame.WriteChunk - 1) / frame.WriteChunk
			}
			if len(out) != want {
				t.Errorf("%d bytes from a %v: %d calls of Write; want %d", n, from, len(out), want)
			}
			if got, ends := plainWalk(all, judge{from: from}); len(got) != 1 || !bytes.Equal(got[0].Payload, fill(n)) || ends[0] != io.EOF {
				t.Errorf("%d bytes from a %v: another payload arrives, %v", n, from, ends)
			}
			if !bytes.Equal(p, fill(n)) {
				t.Errorf("%d bytes from a %v: the payload was changed", n, from)
			}
		}
	}
}

type writeFunc func(b []byte) (int, error)

func (f writeFunc) Write(b []byte) (int, error) { return f(b) }

// TestWriter_Reader sends messages of every shape from each role to a Reader.
func TestWriter_Reader(t *testing.T) {
	sizes := []int{0, 1, 125, 126, 127, 4095, 4096, room(frame.Client), room(frame.Server) + 1, 65535, 65536, 100003}
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, fragments := range []int{1, 2, 7} {
			var stream bytes.Buffer
			var want []record
			w := frame.NewWriter(&stream, from)
			write := func(h frame.Header, p []byte) {
				if err := w.WriteFrame(h, p); err != nil {
					t.Fatalf("WriteFrame(%+v, %d bytes) from a %v: %v", h, len(p), from, err)
				}
				h.Masked, h.Length = from == frame.Client, int64(len(p))
				want = append(want, record{h, p})
			}
			for _, size := range sizes {
				for i := range fragments {
					h := frame.Header{Fin: i == fragments-1, Rsv1: i == 0, Opcode: frame.Binary}
					if i > 0 {
						h.Opcode = frame.Continuation
						write(frame.Header{Fin: true, Opcode: frame.Ping}, fill(i))
					}
					write(h, fill(size))
				}
			}
			got, err := collect(frame.NewReader(&stream, frame.Validator{From: from, Rsv1: true}))
			for i := range got {
				got[i].Header.Key = frame.Key{} // the Writer chose it
			}
			if d := diff(want, got); d != "" || !errors.Is(err, io.EOF) {
				t.Errorf("%d fragments from a %v end with %v; %.1000s", fragments, from, err, d)
			}
		}
	}
}

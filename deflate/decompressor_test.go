package deflate_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

var (
	alone    = deflate.Direction{WindowBits: 15}
	takeover = deflate.Direction{ContextTakeover: true, WindowBits: 15}
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// waysToInflate are Append, and Write and Read with the payload whole, byte by byte and cut in two.
var waysToInflate = []struct {
	name    string
	inflate func(d *deflate.Decompressor, p []byte) ([]byte, error)
}{
	{"Append", func(d *deflate.Decompressor, p []byte) ([]byte, error) { return d.Append(nil, p, -1) }},
	{"whole", func(d *deflate.Decompressor, p []byte) ([]byte, error) { return inflateParts(d, [][]byte{p}, 1000) }},
	{"byte by byte", func(d *deflate.Decompressor, p []byte) ([]byte, error) {
		parts := [][]byte{{}}
		for i := range p {
			parts = append(parts, p[i:i+1])
		}
		return inflateParts(d, parts, 7)
	}},
	{"in two", func(d *deflate.Decompressor, p []byte) ([]byte, error) {
		return inflateParts(d, [][]byte{p[:len(p)/2], p[len(p)/2:]}, 1)
	}},
	{"and nothing", func(d *deflate.Decompressor, p []byte) ([]byte, error) {
		return inflateParts(d, [][]byte{p, {}}, 1<<17)
	}},
}

// inflateParts inflates a message that comes in parts, reading size bytes at a time.
func inflateParts(d *deflate.Decompressor, parts [][]byte, size int) (out []byte, err error) {
	buf := make([]byte, size)
	for i, part := range parts {
		part = bytes.Clone(part)
		if err := d.Write(part, i == len(parts)-1); err != nil {
			return out, err
		}
		for {
			n, err := d.Read(buf)
			out = append(out, buf[:n]...)
			if err == deflate.ErrInput {
				break
			} else if err != nil {
				if err == io.EOF && i < len(parts)-1 {
					return out, errors.New("the end came before the last part")
				} else if err == io.EOF {
					err = nil
				}
				return out, err
			}
		}
		clear(part) // it is the caller's again
	}
	return out, errors.New("no end")
}

// The examples of RFC 7692 section 7.2.3.
func TestDecompressor_rfc(t *testing.T) {
	for _, tt := range []struct {
		rfc      string
		messages []string // hex, each of which is "Hello"
	}{
		{"7.2.3.1", []string{"f2 48 cd c9 c9 07 00"}},
		{"7.2.3.2", []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"}},
		{"7.2.3.3", []string{"00 05 00 fa ff 48 65 6c 6c 6f 00"}},
		{"7.2.3.4", []string{"f3 48 cd c9 c9 07 00 00", "f2 00 11 00 00"}},
		{"7.2.1, as a library's Close ends a stream", []string{"f2 48 cd c9 c9 07 04", "00 05 00 fa ff 48 65 6c 6c 6f 01"}},
		{"7.2.3.5", []string{"f2 48 05 00 00 00 ff ff ca c9 c9 07 00"}},
	} {
		for _, way := range waysToInflate {
			d := deflate.NewDecompressor(takeover)
			for _, m := range tt.messages {
				if got, err := way.inflate(&d, unhex(m)); err != nil || string(got) != "Hello" {
					t.Errorf("%s, %s, %s: got %q, %v; want Hello", tt.rfc, way.name, m, got, err)
				}
			}
		}
	}
}

func TestDecompressor_empty(t *testing.T) {
	for _, m := range []string{
		"00",                // RFC 7692 section 7.2.3.6
		"02 00",             // an empty block with the fixed code
		"00 00 00 ff ff 00", // two stored blocks
		"03 00 00",          // a final one, and another stream
		"01",                // a final stored block, whose length is the tail
	} {
		for _, way := range waysToInflate {
			d := deflate.NewDecompressor(alone)
			for range 2 {
				if got, err := way.inflate(&d, unhex(m)); err != nil || len(got) > 0 {
					t.Errorf("%s, %s: got %q, %v; want nothing", m, way.name, got, err)
				}
			}
		}
	}
}

// malformed are payloads that are no sound message, however they are cut.
var malformed = []struct{ why, hex string }{
	{"nothing at all", ""},
	{"reserved block type", "06"},
	{"reserved block type behind content", "f2 48 cd c9 c9 07 06"},
	{"ends in a block of the fixed code", "f2 48 cd c9"},
	{"ends in a stored block that takes the tail for content", "00 09 00 f6 ff 48 65 6c 6c 6f"},
	{"ends in a stored block that takes the tail and the end for content", "00 0e 00 f1 ff 48 65 6c 6c 6f"},
	{"ends in a final stored block that takes them for content", "01 0e 00 f1 ff 48 65 6c 6c 6f"},
	{"ends in a final stored block that takes the tail for content", "01 09 00 f6 ff 48 65 6c 6c 6f"},
	{"ends before the content of a stored block as long as the tail", "00 04 00 fb ff"},
	{"ends before the content of a final stored block as long as the tail", "01 04 00 fb ff"},
	{"ends before the content of a final stored block as long as the tail and the end", "01 09 00 f6 ff"},
	{"ends in a stored block that wants more than there is", "00 ff ff 00 00 48"},
	{"ends in a stored block's length", "00 05 00"},
	{"stored length and its complement differ", "00 05 00 fa fe 48 65 6c 6c 6f 00"},
	{"ends in a dynamic block's header", "04 c0"},
	{"bytes behind the end", "f2 48 cd c9 c9 07 00 00"},
	{"the tail was not cut off", "f2 48 cd c9 c9 07 00 00 00 ff ff"},
	{"a final block and no other behind it", "f3 48 cd c9 c9 07 00"},
	{"a final block and bytes behind it", "f3 48 cd c9 c9 07 00 ff"},
	{"a final block and bytes behind the next", "f3 48 cd c9 c9 07 00 00 00"},
	{"refers back beyond the beginning", "f2 00 11 00 00"},
	{"distance code 30", "4b 04 3e 00"},
	{"length code 286", "1b 03 00"},
	{"no distance code, and a distance", "0c c0 01 09 00 00 00 80 a0 ad fd 3f 91 c4 00"},
	{"no distance code, and a distance, behind a block that has one", "0c c0 01 09 00 00 00 80 a0 ad fd 3f 91 c6 00 00 00 ff ff 0c c0 01 09 00 00 00 80 a0 ad fd 3f 91 c4 00"},
	{"ends in a final block whose codes take the tail for content", "05e00190244992244902" + strings.Repeat("00", 32) + "11b1a87964f5ec3d" + strings.Repeat("00", 87) + "3c8634"},
	{"ends in a dynamic block's header that takes the tail for lengths of codes", "f2c804000000ffffa4e551a404411004414456cfde03" + strings.Repeat("00", 32) + "78"},
	{"a code of too many lengths", "04 80 92 24 49 92 24 49 92 24 49 00"},
}

func TestDecompressor_malformed(t *testing.T) {
	for _, tt := range malformed {
		for _, way := range waysToInflate {
			for _, dir := range []deflate.Direction{alone, takeover} {
				d := deflate.NewDecompressor(dir)
				got, err := way.inflate(&d, unhex(tt.hex))
				if err != deflate.ErrMalformed {
					t.Errorf("%s, %s: got %q, %v; want %v", tt.why, way.name, got, err, deflate.ErrMalformed)
					continue
				}
				for _, err := range []error{d.Write(unhex("00"), true), second(d.Read(make([]byte, 1))), second(d.Append(nil, unhex("00"), -1))} {
					if err != deflate.ErrMalformed {
						t.Errorf("%s, %s: got %v afterwards; want the same error", tt.why, way.name, err)
					}
				}
			}
		}
		if _, _, err := referenceInflate(nil, unhex(tt.hex)); err == nil {
			t.Errorf("%s: the reference sees nothing wrong with it", tt.why)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// What an inflater had left behind is nothing that another connection can refer to.
func TestDecompressor_isolated(t *testing.T) {
	for range 100 {
		d := deflate.NewDecompressor(alone)
		if _, err := d.Append(nil, unhex("f2 48 cd c9 c9 07 00"), -1); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Append(nil, unhex("f2 00 11 00 00"), -1); err != deflate.ErrMalformed {
			t.Fatalf("got %q, %v; want %v", got, err, deflate.ErrMalformed)
		}
		d = deflate.NewDecompressor(takeover)
		if got, err := d.Append(nil, unhex("f2 00 11 00 00"), -1); err != deflate.ErrMalformed {
			t.Fatalf("got %q, %v; want %v", got, err, deflate.ErrMalformed)
		}
	}
}

// The codes of one message are no other's.
func TestDecompressor_isolatedCodes(t *testing.T) {
	sound, broken := unhex("0c c0 01 09 00 00 00 80 a0 ad fd 3f 91 c6 00"), unhex("0c c0 01 09 00 00 00 80 a0 ad fd 3f 91 c4 00")
	for range 100 {
		d := deflate.NewDecompressor(alone)
		if got, err := d.Append(nil, sound, -1); err != nil || string(got) != "aaaa" {
			t.Fatalf("got %q, %v; want aaaa", got, err)
		}
		d = deflate.NewDecompressor(alone)
		if got, err := d.Append(nil, broken, -1); err != deflate.ErrMalformed {
			t.Fatalf("got %q, %v; want %v", got, err, deflate.ErrMalformed)
		}
	}
}

// Where a Direction says nothing of the window, it is of 15 bits.
func TestDirection_zero(t *testing.T) {
	for _, dir := range []deflate.Direction{{}, {ContextTakeover: true}} {
		z, d := deflate.NewCompressor(dir, deflate.Options{}), deflate.NewDecompressor(dir)
		for range 3 {
			m := content("text", 20000, 1)
			p, err := z.Append(nil, m)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Append(nil, p, -1); err != nil || !bytes.Equal(got, m) {
				t.Errorf("%+v: got %d bytes, %v", dir, len(got), err)
			}
		}
	}
}

// A window of 8 bits forgets what lies further back.
func TestDecompressor_window(t *testing.T) {
	for distance, want := range map[int]error{256: nil, 257: deflate.ErrMalformed} {
		d := deflate.NewDecompressor(deflate.Direction{ContextTakeover: true, WindowBits: 8})
		message := bytes.Repeat([]byte("x"), 1000)
		z := deflate.NewCompressor(alone, deflate.Options{})
		p, _ := z.Append(nil, message)
		if got, err := d.Append(nil, p, -1); err != nil || !bytes.Equal(got, message) {
			t.Fatalf("got %d bytes, %v", len(got), err)
		}
		// A match of three bytes with the fixed code: 1, distance codes 15 and 16 with 6 and 7 more bits, which are 192 + 64, 256 + 1.
		var w bitWriter
		w.add(0b010, 3)
		w.reversed(0b0000001, 7)
		if distance == 256 {
			w.reversed(15, 5)
			w.add(256-193, 6)
		} else {
			w.reversed(16, 5)
			w.add(0, 7)
		}
		w.add(0, 7)
		w.add(0, 3)
		if got, err := d.Append(nil, w.b, -1); err != want || err == nil && string(got) != "xxx" {
			t.Errorf("distance %d: got %q, %v; want %v", distance, got, err, want)
		}
	}
}

// bitWriter writes as RFC 1951 section 3.1.1 has it.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) add(v, n int) {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// reversed writes a Huffman code, which begins with its most significant bit.
func (w *bitWriter) reversed(v, n int) {
	for i := range n {
		w.add(v>>(n-1-i)&1, 1)
	}
}

func TestDecompressor_limit(t *testing.T) {
	z := deflate.NewCompressor(alone, deflate.Options{})
	bomb, err := z.Append(nil, make([]byte, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{0, 1, 1000, 65536, 8<<20 - 1} {
		d := deflate.NewDecompressor(alone)
		got, err := d.Append(make([]byte, 3, 10), bomb, limit)
		if err != deflate.ErrTooLong || int64(len(got)) > 3+2*limit+65536 {
			t.Errorf("limit %d: got %d bytes, %v; want %v", limit, len(got), err, deflate.ErrTooLong)
		}
		if _, err := d.Append(nil, unhex("00"), -1); err != deflate.ErrTooLong {
			t.Errorf("limit %d: got %v afterwards; want the same error", limit, err)
		}
	}
	d := deflate.NewDecompressor(alone)
	if got, err := d.Append(nil, bomb, 8<<20); err != nil || len(got) != 8<<20 {
		t.Errorf("got %d bytes, %v; want all of them", len(got), err)
	}
}

// Streams that a final block ends cost a new start each. So many are allowed as the content is worth.
func TestDecompressor_finalBlocks(t *testing.T) {
	for n, want := range map[int]error{16: nil, 17: deflate.ErrMalformed} {
		d := deflate.NewDecompressor(takeover)
		if _, err := d.Append(nil, append(bytes.Repeat(unhex("03 00"), n), 0), -1); err != want {
			t.Errorf("%d final blocks: got %v; want %v", n, err, want)
		}
	}
	z := deflate.NewCompressor(alone, deflate.Options{})
	d := deflate.NewDecompressor(takeover)
	part, _ := z.Append(nil, bytes.Repeat([]byte("a"), 1024))
	var p []byte
	for range 100 {
		p = append(p, part...)
		p = append(p, 0, 0, 0xff, 0xff) // its stored block
		p = append(p, 3, 0)
	}
	if got, err := d.Append(nil, append(p, 0), -1); err != nil || len(got) != 100*1024 {
		t.Errorf("got %d bytes, %v; want 100 KiB", len(got), err)
	}
}

// Calls out of turn are refused and do no harm.
func TestDecompressor_turns(t *testing.T) {
	d := deflate.NewDecompressor(alone)
	if n, err := d.Read(make([]byte, 1)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("Read of no message: got %d, %v", n, err)
	}
	for _, last := range []bool{false, true} {
		if err := d.Write(unhex("f2 48 cd c9"), last); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(unhex("c9 07 00"), true); err == nil {
			t.Errorf("a second Write before ErrInput succeeded, last %v", last)
		}
		if last {
			break
		}
		if n, err := d.Read(nil); n != 0 || err != nil {
			t.Errorf("Read of 0 bytes: got %d, %v", n, err)
		}
		var buf [10]byte
		var got []byte
		for {
			n, err := d.Read(buf[:])
			got = append(got, buf[:n]...)
			if err == deflate.ErrInput {
				if err := d.Write(unhex("c9 07 00"), true); err != nil {
					t.Fatal(err)
				}
				if err := d.Write(unhex("00"), true); err == nil {
					t.Error("two Writes in a row succeeded")
				}
			} else if err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if string(got) != "Hello" {
			t.Errorf("got %q; want Hello", got)
		}
	}
}

// Close ends a message in the middle, and its goroutine, which TestMain looks for.
func TestDecompressor_Close(t *testing.T) {
	z := deflate.NewCompressor(alone, deflate.Options{})
	p, _ := z.Append(nil, bytes.Repeat([]byte("0123456789"), 10000))
	for _, reads := range []int{0, 1, 2, 100} {
		d := deflate.NewDecompressor(alone)
		if err := d.Write(p[:len(p)-1], false); err != nil {
			t.Fatal(err)
		}
		for range reads {
			if _, err := d.Read(make([]byte, 1000)); err != nil && err != deflate.ErrInput {
				t.Fatal(err)
			}
		}
		d.Close()
		d.Close()
		if _, err := d.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("Read after Close: %v", err)
		}
		if err := d.Write(p, true); err == nil {
			t.Error("Write after Close succeeded")
		}
	}
}

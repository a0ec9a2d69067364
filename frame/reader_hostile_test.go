package frame_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/laminar-ws/laminar/frame"
)

var errBroken = errors.New("transport broken")

// TestReader_sourceError breaks the transport behind every byte of a stream.
func TestReader_sourceError(t *testing.T) {
	wire := octets("01 83 37fa213d 7f9f4d 8a 80 00000000 80 fe 00c8 37fa213d", frame.AppendMasked(nil, fill(200), key))
	v := frame.Validator{From: frame.Client}
	for cut := range len(wire) + 1 {
		want, _ := plainWalk(wire[:cut], judge{from: frame.Client})
		for how, r := range map[string]io.Reader{
			"between reads": &pieces{rest: [][]byte{wire[:cut]}, end: errBroken},
			"byte by byte":  iotest.OneByteReader(io.MultiReader(bytes.NewReader(wire[:cut]), iotest.ErrReader(errBroken))),
		} {
			frames := frame.NewReader(r, v)
			got, err := collect(frames)
			if err != errBroken || len(got) != len(want) {
				t.Fatalf("%s, behind %d bytes: %d frames, %v; want %d, %v", how, cut, len(got), err, len(want), errBroken)
			}
			sticks(t, frames, errBroken)
		}
	}
}

// once gives its bytes in one Read, together with an error that it never repeats.
type once struct {
	b     []byte
	err   error
	calls int
}

func (s *once) Read(p []byte) (int, error) {
	if s.calls++; s.calls > 1 {
		return 0, io.EOF
	}
	return copy(p, s.b), s.err
}

// TestReader_errorWithLastBytes: an error that comes with the last bytes of a payload, past the buffer into
// the caller's slice, is neither the payload's nor lost.
func TestReader_errorWithLastBytes(t *testing.T) {
	const n = 8192
	header := frame.AppendHeader(nil, frame.Header{Fin: true, Opcode: frame.Binary, Length: n})
	for _, end := range []error{errBroken, io.EOF, io.ErrUnexpectedEOF} {
		tail := &once{b: fill(n), err: end}
		r := frame.NewReader(concat{bytes.NewReader(header), tail}.reader(), frame.Validator{})
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 2*n)
		if got, err := r.Read(p); got != n || err != nil || !bytes.Equal(p[:n], fill(n)) {
			t.Fatalf("Read = %d, %v; want the payload whole and no error", got, err)
		}
		if got, err := r.Read(p); got != 0 || err != io.EOF {
			t.Errorf("Read at the payload's end = %d, %v; want 0, EOF", got, err)
		}
		if _, err := r.Next(); err != end {
			t.Errorf("Next = %v; want %v, which came once", err, end)
		}
		sticks(t, r, end)
	}
}

// TestReader_errorWithBytes: the same with a payload that is not whole.
func TestReader_errorWithBytes(t *testing.T) {
	const n = 8192
	header := frame.AppendHeader(nil, frame.Header{Fin: true, Opcode: frame.Binary, Length: n})
	for end, want := range map[error]error{errBroken: errBroken, io.EOF: io.ErrUnexpectedEOF} {
		r := frame.NewReader(concat{bytes.NewReader(header), &once{b: fill(n - 1), err: end}}.reader(), frame.Validator{})
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		p := make([]byte, n)
		if got, err := r.Read(p); got != n-1 || err != want || !bytes.Equal(p[:got], fill(n-1)) {
			t.Errorf("Read = %d, %v; want %d, %v", got, err, n-1, want)
		}
		sticks(t, r, want)
	}
}

// concat reads one source after the other. Unlike io.MultiReader it passes on an error that comes with bytes.
type concat []io.Reader

func (c concat) reader() io.Reader {
	return readFunc(func(p []byte) (int, error) {
		for len(c) > 1 {
			if n, err := c[0].Read(p); n > 0 || err == nil {
				return n, nil
			}
			c = c[1:]
		}
		return c[0].Read(p)
	})
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestReader_noProgress: a source that gives neither bytes nor an error must not hold Next for ever.
func TestReader_noProgress(t *testing.T) {
	nothing := readFunc(func([]byte) (int, error) { return 0, nil })
	for _, wire := range []string{"", "81", "82 7e 01", "81 05", "81 05 'He'"} {
		r := frame.NewReader(io.MultiReader(bytes.NewReader(octets(wire)), nothing), frame.Validator{})
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if err != io.ErrNoProgress {
			t.Errorf("behind %q: Next = %v; want %v", wire, err, io.ErrNoProgress)
		}
		sticks(t, r, io.ErrNoProgress)
	}
}

// TestReader_CVE_2020_27813: a header may declare any length. What is held must not follow from it, and a length beyond
// int64 must not turn negative or small.
func TestReader_CVE_2020_27813(t *testing.T) {
	const budget = 8 << 10 // bytes
	for _, length := range []int64{1, 1 << 16, 1 << 30, 1 << 31, 1 << 32, 1 << 40, math.MaxInt64 - 13, math.MaxInt64} {
		for _, from := range []frame.Role{frame.Server, frame.Client} {
			wire := frame.AppendHeader(nil, frame.Header{Fin: true, Opcode: frame.Binary, Masked: from == frame.Client, Length: length})
			for how, end := range map[string]func(*frame.Reader) error{
				"read": func(r *frame.Reader) error { _, err := io.ReadAll(r); return err },
				"skip": func(r *frame.Reader) error { _, err := r.Next(); return err },
			} {
				held := allocated(func() {
					r := frame.NewReader(bytes.NewReader(wire), frame.Validator{From: from})
					if h, err := r.Next(); h.Length != length || err != nil {
						t.Fatalf("Next = %+v, %v; want a length of %d", h, err, length)
					}
					if err := end(r); err != io.ErrUnexpectedEOF {
						t.Fatalf("%s of %d bytes that do not come: %v; want %v", how, length, err, io.ErrUnexpectedEOF)
					}
				})
				if held > budget {
					t.Errorf("%s of %d bytes that do not come allocates %d bytes; want at most %d", how, length, held, budget)
				}
			}
		}
	}
	for _, tt := range badHeaderTests {
		r := frame.NewReader(bytes.NewReader(tt.wire), frame.Validator{From: frame.Role(tt.wire[1] >> 7)})
		if _, err := r.Next(); err != error(tt.want) {
			t.Errorf("%s: Next = %v; want %v", tt.name, err, tt.want)
		}
		sticks(t, r, tt.want)
	}
}

// allocated returns how many bytes f allocates: the least of several runs, as others allocate meanwhile.
func allocated(f func()) uint64 {
	least := uint64(math.MaxUint64)
	var before, after runtime.MemStats
	for range 5 {
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// TestReader_emptyFragments: 20,000 of them are legal, and cost no memory.
func TestReader_emptyFragments(t *testing.T) {
	wire := bytes.Repeat(octets("00 00"), 20000)
	wire[0] = 0x01
	held := allocated(func() {
		r := frame.NewReader(bytes.NewReader(wire), frame.Validator{})
		frames := 0
		for {
			if _, err := r.Next(); err != nil {
				if err != io.EOF || frames != 20000 {
					t.Fatalf("%d frames, then %v; want 20000, EOF", frames, err)
				}
				return
			}
			frames++
		}
	})
	if held > 8<<10 {
		t.Errorf("20,000 empty fragments allocate %d bytes; want at most 8 KiB", held)
	}
}

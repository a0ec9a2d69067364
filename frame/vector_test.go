package frame_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/frame"
)

// octets turns a vector such as "81 05 'Hello'" into bytes: hexadecimal octets and quoted text without spaces. What
// is in more follows them.
func octets(vector string, more ...[]byte) []byte {
	b := []byte{}
	for _, f := range strings.Fields(vector) {
		if text, ok := strings.CutPrefix(f, "'"); ok {
			b = append(b, strings.TrimSuffix(text, "'")...)
			continue
		}
		o, err := hex.DecodeString(f)
		if err != nil {
			panic("vector " + vector + ": " + err.Error())
		}
		b = append(b, o...)
	}
	for _, m := range more {
		b = append(b, m...)
	}
	return b
}

// fill returns n bytes in which no two neighbours and no two places 256 apart are alike.
func fill(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// random returns a generator whose seed the test's log names.
func random(t testing.TB) *rand.Rand {
	seed := rand.Uint64()
	t.Logf("seed %#x", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// record is a frame as it was read.
type record struct {
	Header  frame.Header
	Payload []byte
}

// diff says how two sequences of frames differ, or "".
func diff(want, got []record) string {
	if slices.EqualFunc(want, got, func(a, b record) bool { return a.Header == b.Header && bytes.Equal(a.Payload, b.Payload) }) {
		return "" // cmp takes long to find long payloads alike
	}
	return "frames (-want +got):\n" + cmp.Diff(want, got)
}

// collect reads frames with all that each payload has until an error comes.
func collect(r *frame.Reader) ([]record, error) {
	frames := []record{}
	for {
		h, err := r.Next()
		if err != nil {
			return frames, err
		}
		p, err := io.ReadAll(r)
		frames = append(frames, record{h, p})
		if err != nil {
			return frames, err
		}
	}
}

// pieces is an io.Reader that gives one piece for each call, whatever room there is for more, and then end.
type pieces struct {
	rest [][]byte
	end  error
}

func (s *pieces) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, s.end
	}
	n := copy(p, s.rest[0])
	if s.rest[0] = s.rest[0][n:]; len(s.rest[0]) == 0 {
		s.rest = s.rest[1:]
	}
	return n, nil
}

// split cuts b at random places and gives the pieces, then io.EOF.
func split(b []byte, rnd *rand.Rand) io.Reader {
	s := &pieces{end: io.EOF}
	for len(b) > 0 {
		n := 1 + rnd.IntN(min(len(b), 1<<rnd.IntN(14)))
		s.rest = append(s.rest, b[:n])
		b = b[n:]
	}
	return s
}

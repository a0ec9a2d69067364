package frame_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// FuzzParseHeader: ParseHeader agrees with the plain reading; what it takes, AppendHeader writes again byte for byte; and
// each part of it wants more bytes.
func FuzzParseHeader(f *testing.F) {
	for _, tt := range headerTests {
		f.Add(tt.wire)
	}
	for _, tt := range badHeaderTests {
		f.Add(tt.wire)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, size, more, breach := plainParse(b)
		h, n, err := frame.ParseHeader(b)
		if h != want && err == nil || n != size {
			t.Fatalf("ParseHeader(%x) = %+v, %d; want %+v, %d", b, h, n, want, size)
		}
		switch {
		case more:
			if err != io.ErrUnexpectedEOF {
				t.Fatalf("ParseHeader(%x): %v; want %v", b, err, io.ErrUnexpectedEOF)
			}
		case breach != nil:
			if err != error(breach) {
				t.Fatalf("ParseHeader(%x): %v; want %v", b, err, breach)
			}
		case err != nil:
			t.Fatalf("ParseHeader(%x): %v; want nil", b, err)
		default:
			if again := frame.AppendHeader(nil, h); !bytes.Equal(again, b[:n]) {
				t.Fatalf("AppendHeader(%+v) = %x; want %x", h, again, b[:n])
			}
			for cut := range n {
				if _, _, err := frame.ParseHeader(b[:cut]); err != io.ErrUnexpectedEOF {
					t.Fatalf("ParseHeader(%x), a part: %v; want %v", b[:cut], err, io.ErrUnexpectedEOF)
				}
			}
		}
		if err != nil && h != (frame.Header{}) {
			t.Fatalf("ParseHeader(%x) = %+v with %v; want zero", b, h, err)
		}
	})
}

// FuzzReader reads frames of either role whole, split, and skipping payloads, and walks them plainly: all agree.
func FuzzReader(f *testing.F) {
	for i, tt := range streamTests {
		if len(tt.wire) > 1<<12 {
			continue // a fuzzer learns nothing from a long payload
		}
		f.Add(tt.wire, tt.v.From == frame.Client, tt.v.Rsv1, tt.v.MaxFrame, uint64(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, client, rsv1 bool, maxFrame int64, seed uint64) {
		v := frame.Validator{Rsv1: rsv1, MaxFrame: maxFrame}
		if client {
			v.From = frame.Client
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		want, ends := plainWalk(b, judge{from: v.From, rsv1: rsv1, maxFrame: maxFrame})

		whole, end := collect(frame.NewReader(bytes.NewReader(b), v))
		if d := diff(want, whole); d != "" || !slices.Contains(ends, end) {
			t.Fatalf("whole: ends with %v; want one of %v; %s", end, ends, d)
		}
		parts, err := collect(frame.NewReader(split(b, rnd), v))
		if d := diff(want, parts); d != "" || err != end {
			t.Fatalf("split: ends with %v; want %v; %s", err, end, d)
		}

		r := frame.NewReader(split(b, rnd), v)
		for i := 0; ; i++ {
			h, err := r.Next()
			if err != nil {
				// A payload that is not whole is told by the Next that skips it, and has been counted.
				if err != end || i != len(want) {
					t.Fatalf("skipping: %d frames, then %v; want %d, %v", i, err, len(want), end)
				}
				break
			}
			if i >= len(want) || h != want[i].Header {
				t.Fatalf("skipping: frame %d is %+v; want those of %+v", i, h, want)
			}
			p := make([]byte, rnd.IntN(len(want[i].Payload)+1))
			if _, err := io.ReadFull(r, p); err != nil || !bytes.Equal(p, want[i].Payload[:len(p)]) {
				t.Fatalf("skipping: frame %d begins with %x, %v; want %x", i, p, err, want[i].Payload[:len(p)])
			}
		}
		if _, err := r.Next(); err != end {
			t.Fatalf("the second Next behind the end: %v; want %v", err, end)
		}
	})
}

// FuzzParseClose: what ParseClose takes has a code that may be sent and a reason in UTF-8, and AppendClose writes it again.
func FuzzParseClose(f *testing.F) {
	for _, tt := range closeTests {
		f.Add(tt.wire)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		code, reason, err := frame.ParseClose(b)
		if !bytes.Equal(b, before) {
			t.Fatalf("ParseClose changed %x to %x", before, b)
		}
		var want error
		switch {
		case len(b) == 0:
		case len(b) == 1:
			want = frame.ErrCloseLength
		case !closecode.Code(int(b[0])*256 + int(b[1])).Sendable():
			want = frame.ErrCloseCode
		case strings.ToValidUTF8(string(b[2:]), "") != string(b[2:]):
			want = frame.ErrCloseReason
		}
		if err != want {
			t.Fatalf("ParseClose(%x): %v; want %v", b, err, want)
		}
		if err != nil {
			if code != 0 || reason != nil {
				t.Fatalf("ParseClose(%x) = %v, %q with %v; want nothing", b, code, reason, err)
			}
			return
		}
		again := frame.AppendClose(nil, code, string(reason))
		if len(b) <= frame.MaxControlPayload && !bytes.Equal(again, b) {
			t.Fatalf("AppendClose(%v, %q) = %x; want %x", code, reason, again, b)
		}
		if len(again) > frame.MaxControlPayload || !bytes.HasPrefix(b, again) {
			t.Fatalf("AppendClose(%v, %q) = %x; want at most %d bytes of %x", code, reason, again, frame.MaxControlPayload, b)
		}
		if c, _, err := frame.ParseClose(again); c != code || err != nil {
			t.Fatalf("ParseClose(%x) = %v, %v; want %v, nil", again, c, err, code)
		}
	})
}

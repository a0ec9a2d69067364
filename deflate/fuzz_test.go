package deflate_test

import (
	"bytes"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// FuzzInflate has the reference decide what is sound, and what it says. How the payload is cut changes nothing.
func FuzzInflate(f *testing.F) {
	for _, m := range malformed {
		f.Add(unhex(m.hex), []byte("0123456789"), uint16(3))
	}
	for _, s := range []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00", "f3 48 cd c9 c9 07 00 00", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "f2 48 cd c9 c9 07 04", "01", "03 00 00"} {
		f.Add(unhex(s), []byte{}, uint16(1))
		f.Add(unhex(s), []byte("Hello, Hello"), uint16(5))
	}
	for level := 1; level <= 9; level += 4 {
		z := deflate.NewCompressor(alone, deflate.Options{Level: level})
		p, err := z.Append(nil, bytes.Repeat([]byte(`{"id":17,"name":"laminar","tags":["a","b"]},`), 20))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p, []byte{}, uint16(len(p)/2))
	}
	f.Fuzz(func(t *testing.T, p, history []byte, cut uint16) {
		dir := alone
		if len(history) > 0 {
			dir = takeover
			history = history[max(0, len(history)-1<<15):]
		}
		want, _, wantErr := referenceInflate(history, p)
		if len(want) > 1<<20 {
			return // the reference is slow
		}
		at := min(int(cut), len(p))
		for _, way := range []func(*deflate.Decompressor) ([]byte, error){
			func(d *deflate.Decompressor) ([]byte, error) { return d.Append(nil, p, -1) },
			func(d *deflate.Decompressor) ([]byte, error) { return inflateParts(d, [][]byte{p[:at], p[at:]}, 100) },
		} {
			d := deflate.NewDecompressor(dir)
			if len(history) > 0 {
				z := deflate.NewCompressor(alone, deflate.Options{})
				first, _ := z.Append(nil, history)
				if _, err := d.Append(nil, first, -1); err != nil {
					t.Fatal(err)
				}
			}
			got, err := way(&d)
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
				t.Errorf("%x behind %d bytes: got %q, %v; want %q, %v", p, len(history), got, err, want, wantErr)
			}
		}
	})
}

// FuzzRoundTrip compresses messages of a connection in every way there is; the reference inflates them with the window agreed on and no more.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("Hello"), uint8(0), uint8(0), uint16(2), uint16(3))
	f.Add(bytes.Repeat([]byte("abcdefgh12"), 500), uint8(9), uint8(7), uint16(100), uint16(4000))
	f.Add(bytes.Repeat([]byte("ab\x00\x00\xff\xff"), 300), uint8(1), uint8(0xff), uint16(1), uint16(1500))
	f.Fuzz(func(t *testing.T, data []byte, level, how uint8, first, second uint16) {
		o := deflate.Options{Level: int(level) % 10, Dedicated: how&1 != 0}
		dir := deflate.Direction{ContextTakeover: how&2 != 0, WindowBits: 8 + how>>2&7}
		if how&32 != 0 {
			dir.WindowBits = 15
		}
		data = data[:min(len(data), 200000)] // more is slow and nothing new
		a := min(int(first), len(data))
		b := min(a+int(second), len(data))
		z, d := deflate.NewCompressor(dir, o), deflate.NewDecompressor(dir)
		checkMessages(t, &z, &d, dir, how&64 != 0, data[:a], data[a:b], data[b:], data)
	})
}

// checkMessages compresses the messages and inflates them, with the package and with the reference, which has nothing but the window.
func checkMessages(t *testing.T, z *deflate.Compressor, d *deflate.Decompressor, dir deflate.Direction, inParts bool, messages ...[]byte) {
	t.Helper()
	var sent []byte
	for i, m := range messages {
		before := []byte("before")
		var p []byte
		var err error
		if inParts {
			if p, err = z.Write(before, m[:len(m)/3]); err == nil {
				if p, err = z.Write(p, m[len(m)/3:]); err == nil {
					p, err = z.End(p)
				}
			}
		} else {
			p, err = z.Append(before, m)
		}
		if err != nil || !bytes.HasPrefix(p, before) {
			t.Fatalf("message %d of %d bytes: got %d bytes, %v", i, len(m), len(p), err)
		}
		p = p[len(before):]
		if len(p) == 0 || len(p) > deflate.Bound(len(m)) {
			t.Errorf("message %d of %d bytes: compressed to %d; want 1 to %d", i, len(m), len(p), deflate.Bound(len(m)))
		}
		history := sent[max(0, len(sent)-1<<dir.WindowBits):]
		if !dir.ContextTakeover {
			history = nil
		}
		got, farthest, err := referenceInflate(history, p)
		if err != nil || !bytes.Equal(got, m) {
			t.Fatalf("message %d of %d bytes, %+v: the reference got %d bytes, %v", i, len(m), dir, len(got), err)
		}
		if farthest > 1<<dir.WindowBits {
			t.Errorf("message %d of %d bytes, %+v: refers back %d bytes", i, len(m), dir, farthest)
		}
		if got, err := d.Append(nil, p, int64(len(m))); err != nil || !bytes.Equal(got, m) {
			t.Fatalf("message %d of %d bytes, %+v: got %d bytes, %v", i, len(m), dir, len(got), err)
		}
		sent = append(sent, m...)
	}
}

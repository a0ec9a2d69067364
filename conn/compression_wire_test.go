package conn_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// sentBy returns the frames that a connection has sent when f and then Shutdown have returned, without the Close frame.
func sentBy(t *testing.T, role frame.Role, opts *conn.Options, f func(c *conn.Conn)) []heard {
	t.Helper()
	c, p := tcpLink.peered(t, role, opts)
	p.deflate = opts.Compression.Active
	p.hear()
	f(c)
	if err := c.Shutdown(t0, closecode.NormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	frames := p.ended()
	return frames[:len(frames)-1]
}

// TestWrite_threshold: messages are compressed from the threshold on, which is 512 bytes where nothing is said; the caller may decide otherwise for each.
func TestWrite_threshold(t *testing.T) {
	for _, tt := range []struct {
		threshold  int
		receive    bool
		coding     conn.Coding
		plain      []int // lengths of messages
		compressed []int
	}{
		{threshold: 0, plain: []int{0, 1, 511}, compressed: []int{512, 20000}},
		{threshold: 1, plain: []int{0}, compressed: []int{1, 100}},
		{threshold: 100, plain: []int{0, 99}, compressed: []int{100}},
		{threshold: -1, compressed: []int{0, 1, 512}},
		{threshold: 1, coding: conn.Plain, plain: []int{0, 1, 512, 20000}},
		{threshold: 100, coding: conn.Compressed, compressed: []int{0, 1, 512, 20000}},
		{threshold: -1, receive: true, plain: []int{0, 512, 20000}},
		{threshold: -1, receive: true, coding: conn.Compressed, plain: []int{0, 512, 20000}},
	} {
		for _, z := range []compression{perMessage, inContext} {
			z.Options.Threshold, z.Options.ReceiveOnly = tt.threshold, tt.receive
			for _, want := range []struct {
				rsv1    bool
				lengths []int
			}{{false, tt.plain}, {true, tt.compressed}} {
				for _, n := range want.lengths {
					frames := sentBy(t, frame.Server, z.options(), func(c *conn.Conn) {
						if err := c.WriteAs(t0, frame.Binary, make([]byte, n), tt.coding); err != nil {
							t.Error(err)
						}
						if err := streaming(tt.coding, 1000)(c, frame.Binary, make([]byte, n)); err != nil {
							t.Error(err)
						}
						if tt.coding == conn.Auto {
							m, _ := conn.NewPrepared(frame.Binary, make([]byte, n))
							if err := c.WritePrepared(t0, m); err != nil {
								t.Error(err)
							}
						}
					})
					for i, f := range frames {
						if rsv1 := f.Rsv1; rsv1 != want.rsv1 && f.Opcode != frame.Continuation {
							t.Errorf("threshold %d, %s, coding %d, %d bytes: frame %d has RSV1 %v; want %v", tt.threshold, z.name, tt.coding, n, i, rsv1, want.rsv1)
						}
					}
					if len(frames) < 2 {
						t.Errorf("threshold %d, %s, %d bytes: %d frames", tt.threshold, z.name, n, len(frames))
					}
				}
			}
		}
	}
}

// TestWrite_oneFrame: a message that Write compresses is one frame, however long (some browsers take no compressed fragments); NextWriter's is fragmented, with RSV1
// on the first frame alone (RFC 7692 section 6.1).
func TestWrite_oneFrame(t *testing.T) {
	data := []byte(binaryOf(maxMessage - 1000))
	for i := range data {
		data[i] ^= byte(i * i >> 7)
	}
	for _, z := range compressions {
		frames := sentBy(t, frame.Client, z.options(), func(c *conn.Conn) {
			if err := c.Write(t0, frame.Binary, data); err != nil {
				t.Fatal(err)
			}
		})
		if len(frames) != 1 || !frames[0].Rsv1 || !frames[0].Fin {
			t.Errorf("%s: %d frames, the first %+v; want one with RSV1 and FIN", z.name, len(frames), frames[0].Header)
		}
		frames = sentBy(t, frame.Server, z.options(), func(c *conn.Conn) {
			if err := streaming(conn.Auto, 70000)(c, frame.Binary, data); err != nil {
				t.Fatal(err)
			}
		})
		var payload []byte
		for i, f := range frames {
			if f.Rsv1 != (i == 0) || f.Fin != (i == len(frames)-1) || (f.Opcode == frame.Continuation) != (i > 0) {
				t.Errorf("%s: frame %d of %d is %+v", z.name, i, len(frames), f.Header)
			}
			payload = append(payload, f.payload...)
		}
		if len(frames) < 2 {
			t.Errorf("%s: %d frames; want several", z.name, len(frames))
		}
		d := deflate.NewDecompressor(z.Params.Server())
		if got, err := d.Append(nil, payload, -1); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: got %d bytes, %v", z.name, len(got), err)
		}
	}
}

// TestWrite_context: with context takeover a repeated message refers to the one before, also across plain and prepared ones in between.
func TestWrite_context(t *testing.T) {
	data := []byte(strings.Repeat("0123456789", 10) + binaryOf(300))
	for _, z := range compressions {
		frames := sentBy(t, frame.Server, z.options(), func(c *conn.Conn) {
			for _, send := range []sender{senders[0], senders[1], senders[0], senders[3], senders[0], senders[4], senders[0]} {
				if err := send.send(c, frame.Binary, data); err != nil {
					t.Fatal(err)
				}
			}
		})
		dir := z.Params.Server()
		d := deflate.NewDecompressor(dir)
		var sizes []int
		for i, f := range frames {
			sizes = append(sizes, len(f.payload))
			got := []byte(f.payload)
			if f.Rsv1 {
				var err error
				if got, err = d.Append(nil, got, -1); err != nil {
					t.Fatalf("%s: frame %d: %v", z.name, i, err)
				}
			}
			if !bytes.Equal(got, data) {
				t.Errorf("%s: frame %d says something else", z.name, i)
			}
		}
		small := dir.ContextTakeover
		if len(frames) != 7 || sizes[1] != len(data) || (sizes[2] < sizes[0]/4) != small || (sizes[4] < sizes[0]/4) != small || (sizes[6] < sizes[0]/4) != small {
			t.Errorf("%s: payloads of %v bytes; want the third, the fifth and the last much smaller than the first: %v", z.name, sizes, small)
		}
	}
}

// TestCompression_level: the options' level is the one in use.
func TestCompression_level(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "%d sheep and %d goats, ", i*i%97, i*i*i%1009)
	}
	size := func(z compression) (n int) {
		for _, f := range sentBy(t, frame.Server, z.options(), func(c *conn.Conn) { c.Write(t0, frame.Text, []byte(b.String())) }) {
			n += len(f.payload)
		}
		return n
	}
	for _, z := range []compression{perMessage, inContext} {
		best := z
		best.Options.Level = 9
		if fast, small := size(z), size(best); small >= fast {
			t.Errorf("%s: %d bytes at level 9, %d at the default; want fewer", z.name, small, fast)
		}
	}
}

package conn_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// deflated returns the payload of a compressed message that refers to no other.
func deflated(t testing.TB, content string) string {
	t.Helper()
	z := deflate.NewCompressor(deflate.Direction{WindowBits: 15}, deflate.Options{})
	p, err := z.Append(nil, []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// breaches are what ends a connection with permessage-deflate. More than one frame is a message in fragments, each with the first byte given.
var compressionBreaches = []struct {
	name   string
	rfc    string
	frames func(t testing.TB, p *peer) [][]byte
	code   closecode.Code
}{
	{"malformed", "RFC 7692 section 7.2.2", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xC2, "\x06")}
	}, closecode.InvalidPayload},
	{"ends in a block", "RFC 7692 section 7.2.2", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xC1, deflated(t, "Hello, hello")[:4])}
	}, closecode.InvalidPayload},
	{"empty payload", "RFC 7692 section 7.2.2", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xC1, "")}
	}, closecode.InvalidPayload},
	{"refers to what was never sent", "RFC 7692 section 7.2.2", func(t testing.TB, p *peer) [][]byte {
		z := deflate.NewCompressor(deflate.Direction{ContextTakeover: true, WindowBits: 15}, deflate.Options{})
		if _, err := z.Append(nil, []byte(textOf(1000))); err != nil { // which the peer keeps to itself
			t.Fatal(err)
		}
		b, err := z.Append(nil, []byte(textOf(1000)))
		if err != nil {
			t.Fatal(err)
		}
		return [][]byte{p.frame(0xC1, string(b))}
	}, closecode.InvalidPayload},
	{"malformed in the second fragment", "RFC 7692 section 7.2.2", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0x42, deflated(t, "Hello")), p.frame(0x80, "\xff")}
	}, closecode.InvalidPayload},
	{"no UTF-8", "RFC 6455 section 8.1", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xC1, deflated(t, "Hell\xff"))}
	}, closecode.InvalidPayload},
	{"ends in a character", "RFC 6455 section 8.1", func(t testing.TB, p *peer) [][]byte {
		z := deflated(t, strings.Repeat("é", 70000)[:139999])
		return [][]byte{p.frame(0x41, z[:len(z)/2]), p.frame(0x80, z[len(z)/2:])}
	}, closecode.InvalidPayload},
	{"RSV1 on a continuation", "RFC 7692 section 6", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0x41, "\xf2\x48"), p.frame(0xC0, "\xcd\xc9\xc9\x07\x00")}
	}, closecode.ProtocolError},
	{"RSV1 on a ping", "RFC 7692 section 6", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xC9, "")}
	}, closecode.ProtocolError},
	{"RSV2", "RFC 6455 section 5.2", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xE1, deflated(t, "Hello"))}
	}, closecode.ProtocolError},
	{"content over the limit", "RFC 6455 section 10.4", func(t testing.TB, p *peer) [][]byte {
		return [][]byte{p.frame(0xC2, deflated(t, strings.Repeat("x", maxMessage+1)))}
	}, closecode.MessageTooBig},
	{"content over the limit, in fragments", "RFC 6455 section 10.4", func(t testing.TB, p *peer) [][]byte {
		z := deflated(t, strings.Repeat("x", maxMessage+1))
		return [][]byte{p.frame(0x42, z[:10]), p.frame(0x00, z[10:500]), p.frame(0x80, z[500:])}
	}, closecode.MessageTooBig},
	{"payload over the limit", "RFC 6455 section 10.4", func(t testing.TB, p *peer) [][]byte {
		h := frame.Header{Fin: true, Rsv1: true, Opcode: frame.Binary, Length: maxMessage + maxMessage/16 + 65, Masked: p.role == frame.Client}
		return [][]byte{frame.AppendHeader(nil, h)}
	}, closecode.MessageTooBig},
}

// TestCompression_breach: each way to read finds it, with the right code and section, after the sound messages before it, and says so to the peer.
func TestCompression_breach(t *testing.T) {
	for _, b := range compressionBreaches {
		for _, z := range []compression{perMessage, inContext} {
			for _, way := range readings[:6] {
				for _, role := range roles {
					c, p := tcpLink.peered(t, role, z.options())
					p.hear()
					p.send(append([][]byte{p.frame(0xC1, "\xf2\x48\xcd\xc9\xc9\x07\x00")}, b.frames(t, p)...)...)
					n := 0
					err := way.all(c, func(op frame.Opcode, data []byte) {
						if n++; n > 1 || string(data) != "Hello" {
							t.Errorf("%s, %s: message %d: %.20q", b.name, way.name, n, data)
						}
					})
					e, ok := errors.AsType[*frame.Error](err)
					if !ok || e.Code != b.code || e.Section != b.rfc {
						t.Fatalf("%s, %s, %s, %v: got %v; want %v, %s", b.name, z.name, way.name, role, err, b.code, b.rfc)
					}
					if _, again := c.Read(t0); again != err && !errors.Is(again, e) {
						t.Errorf("%s, %s: got %v afterwards; want the same error", b.name, way.name, again)
					}
					wantClose(t, p.ended(), b.code)
				}
			}
		}
	}
}

// TestCompression_notAgreed: RSV1 without the extension is what it always was.
func TestCompression_notAgreed(t *testing.T) {
	c, p := tcpLink.peered(t, frame.Server, nil)
	p.hear()
	p.send(p.frame(0xC1, deflated(t, "Hello")))
	_, err := c.Read(t0)
	if e, ok := errors.AsType[*frame.Error](err); !ok || e.Code != closecode.ProtocolError || e.Section != "RFC 6455 section 5.2" {
		t.Errorf("got %v; want 1002", err)
	}
	wantClose(t, p.ended(), closecode.ProtocolError)
}

// TestCompression_skipUTF8: what is not looked at plain is not looked at compressed.
func TestCompression_skipUTF8(t *testing.T) {
	opts := perMessage.options()
	opts.SkipUTF8Check = true
	c, p := tcpLink.peered(t, frame.Server, opts)
	p.send(p.frame(0xC1, deflated(t, "Hell\xff")))
	if m, err := c.Read(t0); err != nil || string(m.Data) != "Hell\xff" {
		t.Errorf("got %q, %v", m.Data, err)
	}
}

// TestCompression_limit: the limit is that of the content. A payload may be a little longer, where the content cannot be compressed.
func TestCompression_limit(t *testing.T) {
	content := make([]byte, 100000)
	for i := range content {
		content[i] = byte(i * i * i >> 8 * i)
	}
	stored := "\x00\x00\x00\xff\xff"
	for rest := string(content); len(rest) > 0; {
		n := min(len(rest), 127) // zlib's at level 1 and memLevel 1
		stored += "\x00" + string([]byte{byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}) + rest[:n]
		rest = rest[n:]
	}
	stored += "\x00"
	for _, max := range []int64{int64(len(content)), int64(len(content)) - 1} {
		for _, way := range readings[:4] {
			opts := perMessage.options()
			opts.MaxMessage = max
			c, p := tcpLink.peered(t, frame.Server, opts)
			p.hear()
			go p.send(p.frame(0xC2, stored), p.frame(0x88, ""))
			n := 0
			err := way.all(c, func(_ frame.Opcode, data []byte) { n += len(data) })
			code, _ := closecode.Of(err)
			if max == int64(len(content)) && (n != len(content) || code != closecode.NoStatusReceived) || max < int64(len(content)) && (n != 0 || code != closecode.MessageTooBig) {
				t.Errorf("limit %d, %s: got %d bytes, %v", max, way.name, n, err)
			}
		}
	}
}

// TestCompression_bomb: a message that would inflate to far more than the limit costs the limit and 64 KiB at the most, and what an inflater takes.
func TestCompression_bomb(t *testing.T) {
	const limit = 4 << 20
	for _, content := range []int{limit, limit + 1<<20} {
		opts := perMessage.options()
		opts.MaxMessage = limit
		c, p := pipeLink.peered(t, frame.Server, opts)
		p.hear()
		p.send(p.frame(0xC2, deflated(t, strings.Repeat("\x00", content))))
		runtime.GC()
		runtime.GC() // empties the pools
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.Read(t0)
		runtime.ReadMemStats(&after)
		if content == limit {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if code, _ := closecode.Of(err); code != closecode.MessageTooBig {
			t.Fatalf("got %v; want 1009", err)
		}
		// All that was allocated, freed meanwhile or not: beside the content an inflater of 45 KB, the payload of 5 KB in buffers of all sizes up to that, and the peer.
		const most = limit + 64<<10
		if got := after.TotalAlloc - before.TotalAlloc; got > most+256<<10 {
			t.Errorf("%d bytes were allocated for a bomb; want little more than %d", got, most)
		}
	}
}

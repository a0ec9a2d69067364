package hostile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// compressionViolations are those that only permessage-deflate can commit.
func compressionViolations() []violation {
	const section = "RFC 7692 section 6"
	var (
		tooLong  = deflated(strings.Repeat("x", 10*limit))
		oneOver  = deflated(strings.Repeat("x", limit+1))
		oneMore  = deflated(strings.Repeat("x", limit), "x")
		zeros    = deflated(strings.Repeat("\x00", 1<<20))
		wrongEnd = deflated(strings.Repeat("\xe2\x82\xac", 1000), "\xe2\x82x")
	)
	all := []violation{
		// RSV1 has one place: the first frame of a data message.
		{"RSV1 on a continuation", section, 1002, func(w wire) string { return w.frame(0x41, hello[:2]) + w.frame(0xc0, hello[2:]) }, false},
		{"RSV1 on a continuation that is not the last", section, 1002, func(w wire) string { return w.frame(0x41, hello[:2]) + w.frame(0x40, hello[2:]) }, false},
		{"RSV1 on the continuation of a plain message", section, 1002, func(w wire) string { return w.frame(0x01, "Hel") + w.frame(0xc0, hello) }, false},
		{"RSV1 on a ping", section, 1002, func(w wire) string { return w.frame(0xc9, hello) }, false},
		{"RSV1 on an empty ping", section, 1002, func(w wire) string { return w.frame(0xc9, "") }, false},
		{"RSV1 on a pong", section, 1002, func(w wire) string { return w.frame(0xca, hello) }, false},
		{"RSV1 on a close", section, 1002, func(w wire) string { return w.frame(0xc8, "\x03\xe8") }, false},
		{"RSV1 on a ping in a compressed message", section, 1002, func(w wire) string { return w.frame(0x41, hello[:2]) + w.frame(0xc9, "") }, false},
		{"RSV1 and RSV2", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xe1, hello) }, false},
		{"RSV1 and RSV3", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xd2, hello) }, false},
		{"RSV1 on opcode 3", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xc3, hello) }, false},
		{"RSV1 on a continuation of nothing", "RFC 6455 section 5.4", 1002, func(w wire) string { return w.frame(0xc0, hello) }, false},
		{"compressed message inside a message", "RFC 6455 section 5.4", 1002, func(w wire) string { return w.frame(0x41, hello[:2]) + w.frame(0xc1, hello) }, false},
		{"compressed and masked the wrong way round", "RFC 6455 section 5.1", 1002, func(w wire) string { return wire{masked: !w.masked}.frame(0xc1, hello) }, false},

		// Limits hold for what is inflated, to the byte (tornado#2391; websockets#1715 and autobahn-python#1908: cut short in the place of an error), and for
		// what is on the wire.
		{"tornado#2391 content over the limit", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.frame(0xc2, tooLong) }, false},
		{"websockets#1715 one byte over the limit", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.frame(0xc2, oneOver) }, false},
		{"websockets#1715 one byte over the limit in fragments", "RFC 6455 section 10.4", 1009, func(w wire) string {
			return w.cut(0x42, oneOver, 5)
		}, false},
		{"websockets#1715 one byte over the limit behind a flush", "RFC 6455 section 10.4", 1009, func(w wire) string {
			return w.frame(0xc2, oneMore)
		}, false},
		{"autobahn-python#1909 a header that is far below the limit", "RFC 6455 section 10.4", 1009, func(w wire) string {
			return w.frame(0x42, zeros) + w.frame(0x80, "")
		}, false},
		{"CVE-2026-0716 1 GiB known at the header", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.head(0xc2, 127, length64(1<<30)) }, true},
		{"CVE-2020-27813 length over 2^63", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.head(0xc2, 127, length64(1<<63)) }, true},
		{"payload over the limit and what DEFLATE may add", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.head(0xc2, 127, length64(limit+limit/16+65)) }, true},
		{"one-byte fragments over the limit", "RFC 6455 section 10.4", 1009, func(w wire) string {
			return w.cut(0x42, strings.Repeat("\x00"+tail, limit/64/4), limit/64/4*5)
		}, false},

		// Text, after it is inflated.
		{"text not UTF-8", "RFC 6455 section 8.1", 1007, func(w wire) string { return w.frame(0xc1, deflated("a\xffb")) }, false},
		{"text cut in a character", "RFC 6455 section 8.1", 1007, func(w wire) string { return w.frame(0xc1, deflated("\xe2\x82")) }, false},
		{"text wrong across fragments", "RFC 6455 section 8.1", 1007, func(w wire) string {
			return w.cut(0x41, wrongEnd, 4)
		}, false},
	}
	for _, m := range malformed {
		all = append(all, violation{m.name, "RFC 7692 section 7.2.2", 1007, func(w wire) string { return w.frame(0xc2, m.payload) }, false})
	}
	return all
}

// Each violation of permessage-deflate fails the connection as others do (see TestViolations).
func TestCompressionViolations(t *testing.T) {
	all := compressionViolations()
	forCompressed(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		for _, tt := range all {
			tt.commit(t, v, open)
		}
		t.Run("and then", func(t *testing.T) { alive(t, open) })
	})
}

// The same payloads, cut into fragments of a byte, are the same violations.
func TestCompressionViolations_fragments(t *testing.T) {
	forCompressed(t, conn.Options{}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		for _, m := range malformed {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				tt := violation{m.name, "RFC 7692 section 7.2.2", 1007, func(w wire) string { return w.cut(0x42, m.payload, max(2, len(m.payload))) }, false}
				promptly(t, func() time.Duration { return tt.commitOnce(t, v, open(t), "with much behind") })
			})
		}
	})
}

// A bit that no agreement stands behind is a violation, however it came to be missing: nobody offered, nobody answered, the offers were declined, or the
// server has the extension off.
func TestCompressionViolations_notAgreed(t *testing.T) {
	violations := []violation{
		{"RSV1 on a message", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xc1, hello) }, false},
		{"RSV1 on a fragment", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x41, hello[:2]) + w.frame(0x80, hello[2:]) }, false},
		{"RSV1 on a continuation", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x01, "Hel") + w.frame(0xc0, "lo") }, false},
		{"RSV1 on an empty message", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xc2, "") }, false},
		{"RSV1 on a pong", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xca, "") }, false},
	}
	options := agreements[1].options
	for _, z := range []agreement{
		{name: "nobody wants it"},
		{name: "one side has it", options: options},
		{name: "the other side has it", offer: deflateAll},
		{name: "the offer is declined", options: options, offer: "permessage-deflate; server_max_window_bits=16"},
		{name: "offer of another extension", options: options, offer: "x-webkit-deflate-frame"},
	} {
		for _, v := range victims(modes, z) {
			t.Run(v.name+"/"+z.name, func(t *testing.T) {
				open := v.start(t, conn.Options{})
				for _, tt := range violations {
					tt.commit(t, v, open)
				}
				t.Run("and then", func(t *testing.T) { alive(t, open) })
			})
		}
	}
}

// What looks like a violation and is none.
func TestCompressionLegal(t *testing.T) {
	x := strings.Repeat("x", limit)
	storedX := func(s *blocks) { // as zlib does where it has the least memory
		for i := 0; i < limit; i += 128 {
			s.stored(x[i : i+128])
		}
		s.flush()
	}
	forCompressed(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		w := v.wire
		for _, tt := range []struct{ name, input, echo string }{
			{"section 7.2.3.1", w.frame(0xc1, hello), "Hello"},
			{"section 7.2.3.1 in fragments", w.frame(0x41, "\xf2\x48\xcd") + w.frame(0x80, "\xc9\xc9\x07\x00"), "Hello"},
			{"section 7.2.3.3 a stored block", w.frame(0xc1, unhex("00 05 00 fa ff 48 65 6c 6c 6f 00")), "Hello"},
			{"section 7.2.3.4 a final block and what follows", w.frame(0xc1, unhex("f3 48 cd c9 c9 07 00 00")), "Hello"},
			{"section 7.2.3.5 two blocks", w.frame(0xc1, unhex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")), "Hello"},
			{"a code of its own", w.frame(0xc1, by(func(s *blocks) { s.matches(true); s.flush() })), "aaaa"},
			{"section 7.2.3.6 an empty message", w.frame(0xc1, "\x00"), ""},
			{"an empty block of the fixed code", w.frame(0xc1, unhex("02 00")), ""},
			{"a final stored block whose length is the tail", w.frame(0xc1, "\x01"), ""},
			{"as many final blocks as are allowed", w.frame(0xc1, strings.Repeat("\x03\x00", 16)+"\x00"), ""},
			{"ones in the padding", w.frame(0xc1, unhex("f2 48 cd c9 c9 07 e0")), "Hello"},
			{"bytes in fragments, empty ones and pongs between", strings.ReplaceAll(w.cut(0x41, hello, len(hello)), w.frame(0x00, hello[3:4]), w.frame(0x00, hello[3:4])+w.frame(0x00, "")+w.frame(0x8a, "")), "Hello"},
			{"begins with an empty fragment", w.frame(0x41, "") + w.frame(0x80, hello), "Hello"},
			{"ends with an empty fragment", w.frame(0x41, hello) + w.frame(0x80, ""), "Hello"},
			{"plain", w.frame(0x81, "Hello"), "Hello"},
			{"exactly the limit", w.frame(0xc2, deflated(x)), x},
			{"exactly the limit in fragments", w.cut(0x42, deflated(x[:100], x[100:]), 7), x},
			{"exactly the limit, longer on the wire", w.frame(0xc2, by(storedX)), x},
			{"exactly the limit, longer on the wire in fragments", w.cut(0x42, by(storedX), 100), x},
			{"character across blocks and fragments", w.cut(0x41, deflated("\xe2", "\x82", "\xac"), 5), "€"},
			{"20,000 empty fragments", w.frame(0x41, "") + strings.Repeat(w.frame(0x00, ""), 20_000) + w.frame(0x80, hello), "Hello"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				p := open(t)
				go p.send(tt.input)
				p.wantsMessage(t, frame.Opcode(tt.input[0]&0xf), tt.echo)
				p.Close()
				<-p.seen
			})
		}
	})
}

// A peer that goes away in a compressed message leaves nothing of it with the application.
func TestCompression_lost(t *testing.T) {
	forCompressed(t, conn.Options{}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		payload := deflated(strings.Repeat("0123456789", 1000), strings.Repeat("9876543210", 1000))
		for name, before := range map[string]string{
			"in the payload":                     v.wire.frame(0xc1, payload)[:len(payload)/2],
			"between fragments":                  v.wire.frame(0x41, payload),
			"in a fragment":                      v.wire.cut(0x41, payload, 5)[:len(payload)/2],
			"in a message of which most is sent": v.wire.frame(0xc1, payload)[:len(payload)],
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := open(t)
				p.send(before)
				p.CloseWrite()
				p.wantsEnd(t)
				o := <-p.seen
				if code, ok := closecode.Of(o.err); !ok || code != closecode.AbnormalClosure || o.again != o.err || o.messages != 0 {
					t.Errorf("the application saw %d messages, %v, then %v; want 1006", o.messages, o.err, o.again)
				}
			})
		}
	})
}

// The charge for fragments is forgotten with each message, compressed or not, and so is what messages were inflated to.
func TestCompression_honestConnection(t *testing.T) {
	const messages = 6000
	content := strings.Repeat("small", 10)
	forCompressed(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		p := open(t)
		payload := deflated(content)
		go p.send(strings.Repeat(v.wire.frame(0xc1, payload)+v.wire.cut(0x41, payload, 2), messages/2))
		for i := range messages {
			if _, got, err := p.next(); err != nil || got != content {
				t.Fatalf("message %d: got %q, %v", i, got, err)
			}
		}
		p.Close()
		if o := <-p.seen; o.messages != messages {
			t.Errorf("%d messages, then %v", o.messages, o.err)
		}
	})
}

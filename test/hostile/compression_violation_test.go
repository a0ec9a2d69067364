package hostile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// hello is "Hello", compressed (RFC 7692 section 7.2.3.1).
var hello = unhex("f2 48 cd c9 c9 07 00")

// takesAll writes a final block that ends behind a length symbol, with codes in which the tail is distances, matches and the begin of a literal, and 01 00 00 ff ff behind
// it, an empty final block, the rest of that and the end of the block: an inflater that is given both to see whether a message ends sees nothing wrong.
func takesAll(s *blocks) {
	lengths := map[int]int{15: 5, 18: 5} // the codes 1111x; 0 to 14 are themselves in four bits
	for i := range 15 {
		lengths[i] = 4
	}
	s.dynamic(258, 11, lengths)
	s.b[0] |= 1
	s.code(0, 4)
	for i := 2; i <= 14; i++ {
		s.code(i, 4) // symbols 1 to 13: 10, 110, and so on
	}
	s.code(0b11110, 5) // 14: 1 fourteen times, and 0
	s.code(0b11111, 5)
	s.add(138-11, 7)
	s.code(0b11111, 5)
	s.add(103-11, 7)
	s.code(0b11110, 5) // 256: 1 fifteen times
	s.code(1, 4)       // 257, three bytes: 0
	s.code(1, 4)       // a distance of 1: 0
	for range 9 {
		s.code(0, 4)
	}
	s.code(1, 4) // a distance of 33 and up to 15 more: 1
	for range 100 {
		s.code(0b10, 2)
	}
	for s.n%8 != 7 {
		s.code(0b110, 3)
	}
	s.code(0, 1)
}

// malformed are payloads that break RFC 7692 section 7.2.2: with the tail behind them they are no stream of whole blocks, or not that alone.
var malformed = []struct{ name, payload string }{
	// In mid-block. An inflater that is content with the output it has makes a shorter message of these.
	{"nothing at all", ""},
	{"ends in a block of the fixed code", unhex("f2 48 cd c9")},
	{"ends before the end-of-block symbol", by(func(s *blocks) { s.fixed(); s.symbol('H') })},
	{"ends in a match", by(func(s *blocks) { s.fixed(); s.symbol('H'); s.symbol(257) })},
	{"ends in a dynamic block's header", unhex("04 c0")},
	{"ends in a dynamic block's code lengths", by(func(s *blocks) { s.dynamic(257, 1, map[int]int{0: 1, 1: 2, 18: 2}); s.code(0b11, 2) })},
	{"ends in a stored block's length", unhex("00 05 00")},
	{"ends in a stored block", unhex("00 ff ff 00 00 48")},
	{"ends in a stored block that takes the tail for content", unhex("00 09 00 f6 ff 48 65 6c 6c 6f")},
	{"ends in a final stored block that takes the tail for content", unhex("01 09 00 f6 ff 48 65 6c 6c 6f")},
	{"ends before the content of a stored block as long as the tail", unhex("00 04 00 fb ff")},
	{"ends in a final block that takes the tail, and what an inflater may put behind it, for symbols", by(takesAll)},
	{"ends with a whole stored block", unhex("00 05 00 fa ff 48 65 6c 6c 6f")},

	// Behind the end.
	{"the tail is not cut off", hello + tail},
	{"half the tail is not cut off", hello + "\x00\x00"},
	{"a byte behind the end", hello + "\x00"},
	{"another message behind the end", hello + hello},
	{"ones in the padding and a byte", unhex("f2 48 cd c9 c9 07 e0 00")},

	// Final blocks: legal with another stream behind them (section 7.2.3.4), the tail alone is none.
	{"section 7.2.3.4 without what follows", unhex("f3 48 cd c9 c9 07 00")},
	{"section 7.2.3.4 with a tail that follows", unhex("f3 48 cd c9 c9 07 00 00 00 ff ff")},
	{"section 7.2.3.4 with rubbish that follows", unhex("f3 48 cd c9 c9 07 00 ff")},
	{"section 7.2.3.4 with a byte behind what follows", unhex("f3 48 cd c9 c9 07 00 00 00")},
	{"a final empty block alone", unhex("03 00")},
	{"more final blocks than the content is worth", strings.Repeat("\x03\x00", 17) + "\x00"},

	// Blocks that are none (RFC 1951 section 3.2).
	{"reserved block type", "\x06"},
	{"reserved final block type", "\x07"},
	{"reserved block type behind content", unhex("f2 48 cd c9 c9 07 06")},
	{"stored length and its complement differ", unhex("00 05 00 fa fe 48 65 6c 6c 6f 00")},

	// Codes (RFC 1951 sections 3.2.6 and 3.2.7).
	{"length symbol 286", by(func(s *blocks) {
		s.fixed()
		s.symbol('H')
		s.symbol(286)
		s.code(0, 5)
		s.end()
		s.flush()
	})},
	{"length symbol 287", by(func(s *blocks) {
		s.fixed()
		s.symbol('H')
		s.symbol(287)
		s.code(0, 5)
		s.end()
		s.flush()
	})},
	{"distance symbol 30", by(func(s *blocks) {
		s.fixed()
		s.symbol('H')
		s.symbol(257)
		s.code(30, 5)
		s.end()
		s.flush()
	})},
	{"distance symbol 31", by(func(s *blocks) {
		s.fixed()
		s.symbol('H')
		s.symbol(257)
		s.code(31, 5)
		s.end()
		s.flush()
	})},
	{"287 literal codes", by(func(s *blocks) { s.dynamic(287, 1, map[int]int{18: 1, 1: 1}) }) + strings.Repeat("\x00", 9)},
	{"31 distance codes", by(func(s *blocks) { s.dynamic(257, 31, map[int]int{18: 1, 1: 1}) }) + strings.Repeat("\x00", 9)},
	{"code lengths oversubscribed", by(func(s *blocks) { s.dynamic(257, 1, map[int]int{0: 1, 1: 1, 18: 1}) }) + strings.Repeat("\x00", 9)},
	{"code lengths incomplete", by(func(s *blocks) { s.dynamic(257, 1, map[int]int{0: 2, 1: 2, 18: 2}) }) + strings.Repeat("\x00", 9)},
	{"no code lengths", by(func(s *blocks) { s.dynamic(257, 1, nil) }) + strings.Repeat("\x00", 9)},
	{"repeats a length before the first", by(func(s *blocks) { s.dynamic(257, 1, map[int]int{16: 1, 1: 1}); s.code(1, 1); s.add(3, 2) }) + strings.Repeat("\x00", 9)},
	{"repeats a length beyond the last", by(func(s *blocks) {
		s.dynamic(257, 1, map[int]int{1: 1, 18: 1})
		s.code(1, 1)
		s.add(127, 7)
		s.code(1, 1)
		s.add(127, 7)
	}) + strings.Repeat("\x00", 9)},
	{"literal code oversubscribed", by(func(s *blocks) {
		s.dynamic(257, 1, map[int]int{1: 1, 18: 1})
		for range 3 {
			s.code(0, 1)
		}
		s.code(1, 1)
		s.add(127, 7)
		s.code(1, 1)
		s.add(105, 7)
		s.code(0, 1)
		s.code(0, 1)
	}) + strings.Repeat("\x00", 9)},
	{"literal code incomplete", by(func(s *blocks) {
		s.dynamic(257, 1, map[int]int{2: 1, 18: 1})
		s.code(1, 1)
		s.add(127, 7)
		s.code(1, 1)
		s.add(107, 7)
		s.code(0, 1) // 255
		s.code(0, 1) // 256
		s.code(0, 1) // a distance
	}) + strings.Repeat("\x00", 9)},
	{"no end-of-block symbol", by(func(s *blocks) {
		s.dynamic(257, 1, map[int]int{1: 1, 18: 1})
		s.code(0, 1)
		s.code(0, 1)
		s.code(1, 1)
		s.add(127, 7)
		s.code(1, 1)
		s.add(105, 7)
	}) + strings.Repeat("\x00", 9)},

	// Back beyond the beginning. Where the context is kept, "before" was sent plain and is not in it.
	{"refers back beyond the beginning", reference(1)},
	{"refers back by 32 KiB", reference(1 << 15)},
	{"refers back by one byte too many", by(func(s *blocks) { s.fixed(); s.symbol('H'); s.match(3, 2); s.end(); s.flush() })},
	{"refers back in a second block", by(func(s *blocks) { s.stored("Hello"); s.fixed(); s.match(3, 6); s.end(); s.flush() })},
}

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
		{"payload over the limit", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.head(0xc2, 127, length64(limit+limit/16+65)) }, true},
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
	storedX := func(s *blocks) {
		for i := 0; i < limit; i += 512 {
			s.stored(x[i : i+512])
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

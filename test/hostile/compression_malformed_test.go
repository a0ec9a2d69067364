package hostile_test

import "strings"

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
	{"ends in a dynamic block's header that takes the tail for lengths of codes", unhex("f2 c8 04 00 00 00 ff ff a4 e5 51 a4 40 41 10 04 41 44 56 cf de 03") + strings.Repeat("\x00", 32) + "\x78"},
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
	{"a match without distance codes", by(func(s *blocks) { s.matches(false); s.flush() })},
	{"a match without distance codes behind a block that has some", by(func(s *blocks) { s.matches(true); s.matches(false); s.flush() })},
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

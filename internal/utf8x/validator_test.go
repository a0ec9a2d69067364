package utf8x_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/laminar-ws/laminar/internal/utf8x"
)

// wrongAt is the reference: the index of the first byte of p that no valid UTF-8 could have there, or -1, and whether p
// ends between sequences. It follows the syntax of RFC 3629 section 4, one byte at a time.
func wrongAt(p []byte) (index int, complete bool) {
	var missing, position int
	var lead byte
	for i, b := range p {
		tail := 0x80 <= b && b <= 0xBF
		switch {
		case missing > 0 && position == 1 && lead == 0xE0:
			tail = 0xA0 <= b && b <= 0xBF
		case missing > 0 && position == 1 && lead == 0xED:
			tail = 0x80 <= b && b <= 0x9F
		case missing > 0 && position == 1 && lead == 0xF0:
			tail = 0x90 <= b && b <= 0xBF
		case missing > 0 && position == 1 && lead == 0xF4:
			tail = 0x80 <= b && b <= 0x8F
		}
		switch {
		case missing > 0 && tail:
			missing--
			position++
		case missing > 0:
			return i, false
		case b <= 0x7F:
		case 0xC2 <= b && b <= 0xDF:
			missing, position, lead = 1, 1, b
		case 0xE0 <= b && b <= 0xEF:
			missing, position, lead = 2, 1, b
		case 0xF0 <= b && b <= 0xF4:
			missing, position, lead = 3, 1, b
		default:
			return i, false
		}
	}
	return -1, missing == 0
}

// failsAt writes p in pieces of one byte and returns the index of the one that Write refused, or -1.
func failsAt(v *utf8x.Validator, p []byte) int {
	for i := range p {
		if !v.Write(p[i : i+1]) {
			return i
		}
	}
	return -1
}

func TestValidator(t *testing.T) {
	for _, tt := range []struct {
		rfc      string
		name     string
		text     string
		wrong    int // the first wrong byte, or -1
		complete bool
	}{
		{"3629 3", "nothing", "", -1, true},
		{"3629 3", "ASCII", "Hello", -1, true},
		{"3629 3", "two bytes", "\u00b5", -1, true},
		{"3629 7", "A, not identical to, Alpha", "\x41\xE2\x89\xA2\xCE\x91\x2E", -1, true},
		{"3629 7", "Japanese", "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", -1, true},
		{"3629 7", "a byte order mark", "\xEF\xBB\xBF\xF0\xA3\x8E\xB4", -1, true},
		{"3629 3", "U+10FFFF", "\U0010ffff", -1, true},
		{"3629 3", "U+FFFE and U+FFFF are valid", "\xEF\xBF\xBE\xEF\xBF\xBF", -1, true},
		{"6455 8.1", "one byte of two", "ab\xC3", -1, false},
		{"6455 8.1", "two bytes of three", "ab\xE6\x97", -1, false},
		{"6455 8.1", "three bytes of four", "ab\xF0\xA3\x8E", -1, false},
		{"3629 4", "a lone continuation", "\x80", 0, false},
		{"3629 4", "a continuation too many", "\u00b5\xBF", 2, false},
		{"3629 4", "overlong slash, C0", "\xC0\xAF", 0, false},
		{"3629 4", "overlong, C1", "\xC1\xBF", 0, false},
		{"3629 4", "overlong, E0 80", "\xE0\x80\xAF", 1, false},
		{"3629 4", "overlong, E0 9F", "\xE0\x9F\xBF", 1, false},
		{"3629 4", "overlong, F0 8F", "\xF0\x8F\xBF\xBF", 1, false},
		{"3629 3", "a surrogate, ED A0", "\xED\xA0\x80", 1, false},
		{"3629 3", "a surrogate, ED BF", "\xED\xBF\xBF", 1, false},
		{"3629 3", "beyond U+10FFFF, F4 90", "\xF4\x90\x80\x80", 1, false},
		{"3629 3", "beyond U+10FFFF, F5", "\xF5\x80\x80\x80", 0, false},
		{"3629 3", "FE", "\xFE", 0, false},
		{"3629 3", "FF", "\xFF", 0, false},
		{"3629 4", "a sequence cut short", "\xE6\x97A", 2, false},
		{"3629 4", "a lead inside a sequence", "\xF0\xA3\xC3\xA9", 2, false},
		{"3629 4", "a sequence with a word of ASCII inside", "012345\xE6\x97" + "01234567" + "\xA5", 8, false},
		{"6455 8.1", "wrong behind a long text", string(bytes.Repeat([]byte("0123456789"), 9)) + "\xC0", 90, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := []byte(tt.text)
			if wrong, complete := wrongAt(text); wrong != tt.wrong || complete != tt.complete {
				t.Fatalf("the reference itself: %d, %v; want %d, %v", wrong, complete, tt.wrong, tt.complete)
			}
			var v utf8x.Validator
			if got := failsAt(&v, text); got != tt.wrong {
				t.Errorf("byte by byte: wrong at %d; want %d", got, tt.wrong)
			}
			if got := v.Complete(); got != tt.complete {
				t.Errorf("byte by byte: Complete() = %v; want %v", got, tt.complete)
			}
			v.Reset()
			if got, want := v.Write(text), tt.wrong < 0; got != want {
				t.Errorf("whole: Write = %v; want %v", got, want)
			}
			if got := v.Complete(); got != tt.complete {
				t.Errorf("whole: Complete() = %v; want %v", got, tt.complete)
			}
			if got, want := utf8x.Valid(text), tt.complete; got != want {
				t.Errorf("Valid = %v; want %v", got, want)
			}
		})
	}
}

func TestValidator_staysFailed(t *testing.T) {
	var v utf8x.Validator
	if v.Write([]byte("a\xFF")) {
		t.Fatal("Write of FF = true; want false")
	}
	for _, p := range []string{"", "a", "a longer text than a word", "\u00b5"} {
		if v.Write([]byte(p)) || v.Complete() {
			t.Errorf("after a wrong byte, Write(%q), Complete() = true; want false until Reset", p)
		}
	}
	v.Reset()
	if !v.Write([]byte("a")) || !v.Complete() {
		t.Error("after Reset, Write, Complete = false; want true")
	}
}

func TestValidator_size(t *testing.T) {
	if got := unsafe.Sizeof(utf8x.Validator{}); got > 8 {
		t.Errorf("a Validator takes %d bytes; want 8 or fewer", got)
	}
}

// TestValidator_everyRune writes each code point whole and cut at every place, and each surrogate and out of range value
// as UTF-8 would have written it.
func TestValidator_everyRune(t *testing.T) {
	var v utf8x.Validator
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if 0xD800 <= r && r <= 0xDFFF {
			if p := []byte{0xED, byte(0x80 | r>>6&0x3F), byte(0x80 | r&0x3F)}; utf8x.Valid(p) {
				t.Fatalf("Valid(% x), surrogate %U, = true; want false", p, r)
			}
			continue
		}
		p := utf8.AppendRune(nil, r)
		if !utf8x.Valid(p) {
			t.Fatalf("Valid(%U) = false; want true", r)
		}
		for cut := range p {
			v.Reset()
			if !v.Write(p[:cut]) || v.Complete() != (cut == 0) {
				t.Fatalf("%U cut at %d: the first piece is not taken as the start of a sequence", r, cut)
			}
			if !v.Write(p[cut:]) || !v.Complete() {
				t.Fatalf("%U cut at %d: the second piece does not complete it", r, cut)
			}
		}
	}
}

// TestValidator_everyShortText takes all texts of one, two and three bytes, and all four-byte ones behind the first two
// bytes that matter, alone and in the middle of ASCII.
func TestValidator_everyShortText(t *testing.T) {
	check := func(p []byte) {
		wrong, complete := wrongAt(p)
		var v utf8x.Validator
		if got := failsAt(&v, p); got != wrong || v.Complete() != complete {
			t.Fatalf("% x: wrong at %d, complete %v; want %d, %v", p, got, v.Complete(), wrong, complete)
		}
		if got := utf8x.Valid(p); got != complete || got != utf8.Valid(p) {
			t.Fatalf("Valid(% x) = %v; want %v, utf8.Valid says %v", p, got, complete, utf8.Valid(p))
		}
	}
	var p [4]byte
	for a := range 256 {
		p[0] = byte(a)
		check(p[:1])
		for b := range 256 {
			p[1] = byte(b)
			check(p[:2])
			if testing.Short() && b%3 != 0 {
				continue
			}
			for c := range 256 {
				p[2] = byte(c)
				check(p[:3])
			}
		}
	}
	edges := []byte{0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0xFF}
	for a := 0xE0; a <= 0xFF; a++ {
		for b := range 256 {
			for _, c := range edges {
				for _, d := range edges {
					p = [4]byte{byte(a), byte(b), c, d}
					check(p[:])
				}
			}
		}
	}
}

// TestValidator_interrupted puts ASCII of every length into each kind of open sequence, at every distance from the start
// of a piece, and closes the sequence behind it: the first ASCII byte is the wrong one, however the words lie.
func TestValidator_interrupted(t *testing.T) {
	ascii := bytes.Repeat([]byte{'x'}, 40)
	for _, open := range []string{"\xC3", "\xE6", "\xE6\x97", "\xE0", "\xED", "\xF0", "\xF4", "\xF1", "\xF1\xA3", "\xF1\xA3\x8E"} {
		for before := range ascii {
			head := append(bytes.Clone(ascii[:before]), open...)
			for run := 1; run < len(ascii); run++ {
				p := append(append(bytes.Clone(head), ascii[:run]...), "\xA5"...)
				var v utf8x.Validator
				if v.Write(p[:len(p)-1]) || v.Write(p[len(p)-1:]) {
					t.Errorf("%q: Write = true; want false at byte %d", p, len(head))
				}
				v.Reset()
				if !v.Write(head) || v.Complete() || v.Write(ascii[:run]) {
					t.Errorf("%q cut at %d: want true and incomplete, then false", p, len(head))
				}
				if utf8x.Valid(p) {
					t.Errorf("Valid(%q) = true; want false", p)
				}
			}
		}
	}
}

// alphabet is what the random texts are made of: each length, each edge, and what is wrong.
var alphabet = []string{
	"a", "plain ASCII of thirty-two bytes.", "\u0080", "\u07ff", "\u0800", "\u4e2d\u6587", "\ud7ff", "\ue000", "\uffff", "\U00010000",
	"\U0001f600", "\U000fffff", "\U0010ffff", "\x80", "\xC0", "\xE0\x9F", "\xED\xA0", "\xF0\x8F", "\xF4\x90", "\xF5", "\xE6\x97", "\xFF",
}

// randomText is valid in most cases: one piece in sixty may be a wrong one.
func randomText(random *rand.Rand) []byte {
	const valid = 13
	var p []byte
	for range random.IntN(60) {
		n := valid
		if random.IntN(60) == 0 {
			n = len(alphabet)
		}
		p = append(p, alphabet[random.IntN(n)]...)
	}
	return p
}

// TestValidator_split cuts longer texts at random; it must find the same first wrong byte as the reference.
func TestValidator_split(t *testing.T) {
	random := rand.New(rand.NewPCG(3629, 81))
	var valid, invalid int
	for range 20_000 {
		p := randomText(random)
		wrong, complete := wrongAt(p)
		if wrong < 0 {
			valid++
		} else {
			invalid++
		}
		checkSplit(t, p, wrong, complete, func(n int) int { return random.IntN(n + 1) })
	}
	if valid < 1000 || invalid < 1000 {
		t.Errorf("%d valid and %d invalid texts; want at least 1000 of each", valid, invalid)
	}
}

// checkSplit writes p in pieces whose lengths cut chooses from 0 to n.
func checkSplit(t *testing.T, p []byte, wrong int, complete bool, cut func(n int) int) {
	t.Helper()
	var v utf8x.Validator
	for from := 0; from < len(p); {
		to := from + cut(len(p)-from)
		got, want := v.Write(p[from:to]), wrong < 0 || wrong >= to
		if got != want {
			t.Fatalf("%q: Write of [%d:%d] = %v; want %v, the first wrong byte is at %d", p, from, to, got, want, wrong)
		}
		if !got {
			break
		}
		from = to
	}
	if got := v.Complete(); got != complete {
		t.Fatalf("%q: Complete() = %v; want %v", p, got, complete)
	}
}

func FuzzValidator(f *testing.F) {
	for _, s := range alphabet {
		f.Add([]byte(s), []byte{1})
		f.Add([]byte("0123456"+s+"0123456789abcdef"), []byte{9, 3, 200})
	}
	f.Fuzz(func(t *testing.T, p, cuts []byte) {
		wrong, complete := wrongAt(p)
		if want := utf8.Valid(p); complete != want {
			t.Fatalf("the reference says %v of %q, utf8.Valid %v", complete, p, want)
		}
		if got := utf8x.Valid(p); got != complete {
			t.Fatalf("Valid(%q) = %v; want %v", p, got, complete)
		}
		var v utf8x.Validator
		if got := failsAt(&v, p); got != wrong {
			t.Fatalf("%q byte by byte: wrong at %d; want %d", p, got, wrong)
		}
		checkSplit(t, p, wrong, complete, func(n int) int {
			if len(cuts) == 0 {
				return n
			}
			c := int(cuts[0])
			cuts = cuts[1:]
			return c % (n + 1)
		})
	})
}

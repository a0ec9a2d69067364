package frame_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// maskTests are payloads before and behind the masking of RFC 6455 section 5.3.
var maskTests = []struct {
	name       string
	rfc        string
	key        frame.Key
	pos        int
	src, want  []byte
	wantOffset int
}{
	{"the RFC's example", "6455 5.7", key, 0, octets("'Hello'"), octets("7f9f4d5158"), 1},
	{"nothing", "6455 5.3", key, 0, octets(""), octets(""), 0},
	{"nothing, in mid-payload", "6455 5.3", key, 3, octets(""), octets(""), 3},
	{"nothing, far into the payload", "6455 5.3", key, 1 << 30, octets(""), octets(""), 0},
	{"from offset 1", "6455 5.3", key, 1, octets("'ello'"), octets("9f4d5158"), 1},
	{"from offset 2", "6455 5.3", key, 2, octets("'llo'"), octets("4d5158"), 1},
	{"from offset 3", "6455 5.3", key, 3, octets("'lo'"), octets("5158"), 1},
	{"from offset 4, where the key begins again", "6455 5.3", key, 4, octets("'o'"), octets("58"), 1},
	{"from offset 65537", "6455 5.3", key, 65537, octets("'ello'"), octets("9f4d5158"), 1},
	{"a key of zero", "6455 5.3", frame.Key{}, 2, octets("'Hello'"), octets("'Hello'"), 3},
	{"zeros show the key", "6455 5.3", key, 0, make([]byte, 9), octets("37fa213d 37fa213d 37"), 1},
}

func TestMask(t *testing.T) {
	for _, tt := range maskTests {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(tt.src)
			if got := frame.Mask(b, tt.key, tt.pos); got != tt.wantOffset || !bytes.Equal(b, tt.want) {
				t.Errorf("RFC %s: Mask(%x, %x, %d) = %d and leaves %x; want %d, %x", tt.rfc, tt.src, tt.key, tt.pos, got, b, tt.wantOffset, tt.want)
			}
			frame.Mask(b, tt.key, tt.pos)
			if !bytes.Equal(b, tt.src) {
				t.Errorf("masked twice: %x; want %x", b, tt.src)
			}
		})
	}
}

// TestMask_space masks payloads of 0 to 4096 bytes from each offset, at changing alignments, and looks at the bytes around.
func TestMask_space(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 37
	}
	src := fill(4096 + 64)
	var whole [4][]byte // src masked from each offset
	for pos := range whole {
		whole[pos] = bytes.Clone(src)
		for i := range src {
			whole[pos][i] ^= key[(i+pos)%4]
		}
	}
	b := make([]byte, len(src))
	for n := 0; n <= 4096; n += step {
		for pos := range 4 {
			copy(b, src)
			start := 16 + (n+pos)%17
			end := start + n
			next := frame.Mask(b[start:end], key, pos)
			if want := (pos + n) % 4; next != want {
				t.Fatalf("Mask of %d bytes from %d = %d; want %d", n, pos, next, want)
			}
			if want := whole[(pos+3*start)%4]; !bytes.Equal(b[start:end], want[start:end]) {
				t.Fatalf("Mask of %d bytes from %d leaves %x; want %x", n, pos, b[start:end], want[start:end])
			}
			if !bytes.Equal(b[:start], src[:start]) || !bytes.Equal(b[end:], src[end:]) {
				t.Fatalf("Mask of %d bytes from %d changed bytes around them", n, pos)
			}
		}
	}
}

// TestMask_split: the offset that one part returns is right for the next, wherever the payload is cut.
func TestMask_split(t *testing.T) {
	rnd := random(t)
	src := fill(1000)
	want := bytes.Clone(src)
	frame.Mask(want, key, 0)
	for range 64 {
		got := bytes.Clone(src)
		for i, pos := 0, 0; i < len(got); {
			n := rnd.IntN(min(len(got)-i, 100) + 1)
			pos = frame.Mask(got[i:i+n], key, pos)
			i += n
		}
		if !bytes.Equal(got, want) {
			t.Fatal("masked in parts and masked whole differ")
		}
	}
}

func TestAppendMasked(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 5, 7, 8, 9, 31, 63, 64, 65, 1000, 4096} {
		for _, dst := range [][]byte{nil, fill(3), append(make([]byte, 0, 8192), 1, 2, 3)} {
			src := fill(n)
			want := bytes.Clone(src)
			for i := range want {
				want[i] ^= key[i%4]
			}
			want = bytes.Join([][]byte{dst, want}, nil)
			if got := frame.AppendMasked(dst, src, key); !bytes.Equal(got, want) {
				t.Errorf("AppendMasked of %d bytes behind %d = %x; want %x", n, len(dst), got, want)
			}
			if !bytes.Equal(src, fill(n)) {
				t.Errorf("AppendMasked of %d bytes changed them", n)
			}
		}
	}
}

// TestNewKey_fresh draws more keys than several blocks of random bytes have, from several goroutines.
func TestNewKey_fresh(t *testing.T) {
	const goroutines, each = 8, 2000
	keys := make([][each]frame.Key, goroutines)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			for j := range keys[i] {
				keys[i][j] = frame.NewKey()
			}
		})
	}
	wg.Wait()
	seen := map[frame.Key]bool{}
	octet := [4]map[byte]bool{{}, {}, {}, {}}
	for i := range keys {
		for _, k := range keys[i] {
			seen[k] = true
			for place, o := range k {
				octet[place][o] = true
			}
		}
	}
	// 16,000 random keys have 0.03 pairs alike on average; 10 pairs do not happen.
	if len(seen) < goroutines*each-10 {
		t.Errorf("%d of %d keys differ; want all but a chance few", len(seen), goroutines*each)
	}
	for place := range octet {
		if len(octet[place]) != 256 {
			t.Errorf("octet %d of the keys takes %d values; want 256", place, len(octet[place]))
		}
	}
}

// TestNewKey_wiped: a key does not stay in memory behind its use, and what is not used yet is random.
func TestNewKey_wiped(t *testing.T) {
	for range 1000 { // the pool may give another block than NewKey had
		frame.NewKey()
		used, fresh := frame.KeyBlock()
		if len(fresh) == 0 {
			continue
		}
		if len(used)%4 != 0 || !bytes.Equal(used, make([]byte, len(used))) {
			t.Fatalf("the used part of the block is %x; want zeros, four for each key", used)
		}
		if len(fresh) >= 16 && bytes.Equal(fresh, make([]byte, len(fresh))) {
			t.Fatalf("the fresh part of the block is %d zeros; want random bytes", len(fresh))
		}
		return
	}
	t.Fatal("no block in use was found in the pool")
}

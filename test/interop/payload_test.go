package interop

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// sizes lie on both sides of each change of the length field (RFC 6455 section 5.2), and beyond.
var sizes = []int{0, 1, 125, 126, 65535, 65536, mib, 16 * mib}

// payload returns the n bytes sent as typ. Text has characters of one, two and four bytes, no line end,
// and is valid UTF-8; binary takes every byte value.
func payload(typ string, n int) []byte {
	if typ == "text" {
		const pattern = "héllo wörld 😀 "
		b := []byte(strings.Repeat(pattern, n/len(pattern)+1))[:n]
		for i := n - 1; !utf8.Valid(b); i-- {
			b[i] = '.' // what is left of a character that was cut at the end
		}
		return b
	}
	b := make([]byte, n)
	random := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// payloads holds the files written so far, by type and size.
var payloads struct {
	dir string
	mu  sync.Mutex // guards the directory's content
}

// payloadFile returns the path of a file with payload(typ, n).
func payloadFile(t *testing.T, typ string, n int) string {
	t.Helper()
	payloads.mu.Lock()
	defer payloads.mu.Unlock()
	path := filepath.Join(payloads.dir, fmt.Sprintf("%s-%d", typ, n))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if err := os.WriteFile(path, payload(typ, n), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPayload(t *testing.T) {
	for _, typ := range []string{"text", "binary"} {
		for _, n := range append([]int{2, 7, 8, 15, 16, 17, 18}, sizes...) {
			b := payload(typ, n)
			if len(b) != n {
				t.Errorf("payload(%q, %d) has %d bytes", typ, n, len(b))
			}
			if typ == "text" && (!utf8.Valid(b) || strings.Contains(string(b), "\n")) {
				t.Errorf("payload(%q, %d) is not one line of valid UTF-8", typ, n)
			}
		}
	}
}

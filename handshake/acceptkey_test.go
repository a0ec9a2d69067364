package handshake_test

import (
	"crypto/fips140"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/handshake"
)

func TestAcceptKey(t *testing.T) {
	tests := []struct{ rfc, key, want string }{
		{"RFC 6455 section 1.3", "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		{"RFC 6455 section 4.1", "AQIDBAUGBwgJCgsMDQ4PEC==", accept("AQIDBAUGBwgJCgsMDQ4PEC==")},
		{"no key at all", "", accept("")},
		{"longer than a key", strings.Repeat("x", 1000), accept(strings.Repeat("x", 1000))},
	}
	for _, tt := range tests {
		t.Run(tt.rfc, func(t *testing.T) {
			if got := handshake.AcceptKey(tt.key); got != tt.want {
				t.Errorf("got %q; want %q", got, tt.want)
			}
			if got := string(handshake.AppendAcceptKey([]byte("x"), tt.key)); got != "x"+tt.want {
				t.Errorf("appended: got %q; want %q", got, "x"+tt.want)
			}
		})
	}
}

// accept is the calculation of section 4.2.2 item 5.4, word by word.
func accept(key string) string {
	sum := make([]byte, 0, sha1.Size)
	fips140.WithoutEnforcement(func() {
		h := sha1.New()
		h.Write([]byte(key))
		h.Write([]byte("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		sum = h.Sum(sum)
	})
	return base64.StdEncoding.EncodeToString(sum)
}

func TestAppendAcceptKey_allocatesNothing(t *testing.T) {
	if fips140.Enforced() {
		t.Skip("the way around the enforcement allocates")
	}
	var buf [64]byte
	if n := testing.AllocsPerRun(100, func() { handshake.AppendAcceptKey(buf[:0], "dGhlIHNhbXBsZSBub25jZQ==") }); n != 0 {
		t.Errorf("got %v allocations; want 0", n)
	}
}

// The way taken where only approved algorithms are allowed gives the same sum, here too.
func TestAcceptKey_sameWithoutEnforcement(t *testing.T) {
	sum := handshake.SHA1SumUnenforced(sampleKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
	if got, want := base64.StdEncoding.EncodeToString(sum[:]), handshake.AcceptKey(sampleKey); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

func TestNewKey(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		key := handshake.NewKey()
		if nonce, err := base64.StdEncoding.Strict().DecodeString(key); err != nil || len(nonce) != 16 {
			t.Fatalf("%q: got %d bytes, %v; want 16 (RFC 6455 section 4.1)", key, len(nonce), err)
		}
		if seen[key] {
			t.Fatalf("%q came twice", key)
		}
		seen[key] = true
	}
}

func ExampleAcceptKey() {
	fmt.Println(handshake.AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="))

	key := handshake.NewKey()
	fmt.Println(len(key), handshake.AcceptKey(key) == string(handshake.AppendAcceptKey(nil, key)))
	// Output:
	// s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
	// 24 true
}

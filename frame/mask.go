package frame

import (
	"crypto/rand"
	"slices"
	"sync"

	"github.com/laminar-ws/laminar/frame/internal/mask"
)

// Key is a masking key (RFC 6455 section 5.3).
type Key [4]byte

// Mask XORs b in place with key, b being the part of a payload that starts at offset pos, and
// returns the offset, modulo 4, at which the next part starts. Masking twice restores b (RFC 6455 section 5.3). b is changed and not kept.
func Mask(b []byte, key Key, pos int) int { return mask.XOR(b, b, key, pos) }

// AppendMasked appends src, masked with key from offset 0, to dst and returns the longer slice (RFC 6455
// section 5.3). src is neither changed nor kept, and must not share memory with the free part of dst.
func AppendMasked(dst, src []byte, key Key) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(src))[:n+len(src)]
	mask.XOR(dst[n:], src, key, 0)
	return dst
}

// keyBlock is a store of random bytes that are handed out four at a time, because one system
// call for each key would cost more than masking a small frame.
type keyBlock struct {
	bytes [512]byte
	used  int
}

var keyBlocks = sync.Pool{New: func() any { return &keyBlock{used: len(keyBlock{}.bytes)} }}

// NewKey returns a fresh masking key from crypto/rand: "the masking key MUST be derived from a strong
// source of entropy" (RFC 6455 section 5.3). It is safe for concurrent use.
func NewKey() Key {
	k := keyBlocks.Get().(*keyBlock)
	if k.used == len(k.bytes) {
		rand.Read(k.bytes[:]) // never fails: crypto/rand ends the program instead
		k.used = 0
	}
	key := Key(k.bytes[k.used : k.used+4])
	clear(k.bytes[k.used : k.used+4]) // a key that was used is of no use to anyone else
	k.used += 4
	keyBlocks.Put(k)
	return key
}

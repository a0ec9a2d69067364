package handshake

import (
	"crypto/fips140"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
)

// NewKey returns a value for Sec-WebSocket-Key: 16 bytes from crypto/rand in base64 (RFC 6455
// section 4.1 item 7). Each handshake needs a new one.
func NewKey() string {
	var nonce [16]byte
	rand.Read(nonce[:]) // never fails: it ends the program instead
	return base64.StdEncoding.EncodeToString(nonce[:])
}

// AcceptKey returns the value of Sec-WebSocket-Accept that answers key, the value of
// Sec-WebSocket-Key (RFC 6455 section 4.2.2 item 5.4).
func AcceptKey(key string) string {
	var buf [acceptLen]byte
	return string(AppendAcceptKey(buf[:0], key))
}

// guid is what RFC 6455 section 1.3 appends to a key before hashing it.
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// acceptLen is the length of a Sec-WebSocket-Accept value: a SHA-1 sum in base64.
const acceptLen = 28

// AppendAcceptKey appends what [AcceptKey] returns to dst. It allocates only where dst has no room.
func AppendAcceptKey(dst []byte, key string) []byte {
	var buf [keyLen + len(guid)]byte // a longer key, which no check lets through, moves to the heap
	sum := sha1Sum(append(append(buf[:0], key...), guid...))
	return base64.StdEncoding.AppendEncode(dst, sum[:])
}

// sha1Sum hashes where the program may use approved algorithms only, too: the sum shows that a
// server understood the handshake and protects nothing (RFC 6455 section 10.8).
func sha1Sum(b []byte) (sum [sha1.Size]byte) {
	if !fips140.Enforced() {
		return sha1.Sum(b)
	}
	return sha1SumUnenforced(string(b))
}

func sha1SumUnenforced(s string) (sum [sha1.Size]byte) {
	fips140.WithoutEnforcement(func() { sum = sha1.Sum([]byte(s)) })
	return sum
}

// keyLen is the length of a Sec-WebSocket-Key value: 16 bytes in base64.
const keyLen = 24

// validKey reports whether key is the base64 form of 16 bytes (RFC 6455 section 4.2.1 item 5). The
// last character's unused bits may be set, as they are in the RFC's own example in section 4.1.
func validKey(key string) bool {
	if len(key) != keyLen || key[keyLen-2:] != "==" {
		return false
	}
	for i := 0; i < keyLen-2; i++ {
		switch c := key[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/':
		default:
			return false
		}
	}
	return true
}

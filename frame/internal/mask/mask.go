// Package mask does the masking of RFC 6455 section 5.3: the exclusive or of a payload with a repeated 4-byte key.
package mask

import "encoding/binary"

// XOR sets dst[i] = src[i] ^ key[(pos+i)%4] for every byte of src and returns the offset behind it, modulo 4. pos is the
// offset of src in the payload (RFC 6455 section 5.3: "octet i of the transformed data"); only its lowest two bits
// matter. dst is src itself (masked in place) or does not overlap it; src is not kept, and not changed otherwise. XOR
// panics if dst is shorter than src.
func XOR(dst, src []byte, key [4]byte, pos int) int {
	n := len(src)
	if len(dst) < n {
		panic("mask: dst is shorter than src")
	}
	k := uint64(key[pos&3]) | uint64(key[(pos+1)&3])<<8 | uint64(key[(pos+2)&3])<<16 | uint64(key[(pos+3)&3])<<24
	k |= k << 32
	i := 0
	for ; n-i >= 8; i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:])^k)
	}
	for ; i < n; i++ {
		dst[i] = src[i] ^ byte(k)
		k = k>>8 | k<<56
	}
	return (pos + n) & 3
}

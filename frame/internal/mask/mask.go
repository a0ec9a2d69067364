// Package mask does the masking of RFC 6455 section 5.3: the exclusive or of a payload with a 4-byte key that repeats.
//
// There is one function, [XOR]. It works on whole words, and on amd64 processors with AVX2 on vectors of 32 bytes; the
// build tag purego leaves the assembly out.
package mask

import "encoding/binary"

// blockSize is how many bytes one step of the word loop takes.
const blockSize = 64

// XOR sets dst[i] = src[i] ^ key[(pos+i)%4] for every byte of src and returns the offset behind it, modulo 4: the pos of
// the next call for the same payload. pos is the offset of src in the payload, "octet i of the transformed data" in
// RFC 6455 section 5.3; only its lowest two bits matter, so it may also be a previous result.
//
// dst is src itself, to mask in place, or does not overlap it. Bytes of dst beyond len(src) stay as they are, and
// neither slice is kept. XOR panics if dst is shorter than src.
func XOR(dst, src []byte, key [4]byte, pos int) int {
	n := len(src)
	if len(dst) < n {
		panic("mask: dst is shorter than src")
	}
	dst, src = dst[:n:n], src[:n:n] // the capacities too: what is resliced below is cheaper that way
	next := (pos + n) & 3
	k := stream(key, pos)
	if n >= vectorMin && hasVector {
		xorVector(dst, src, k)
		return next
	}

	// Loads and stores are little-endian on every machine, which costs nothing where the machine is so, and keeps the
	// order of the key's bytes where it is not.
	i := 0
	for ; i <= n-blockSize; i += blockSize { // by index: a third faster than cutting both slices
		d, s := (*[blockSize]byte)(dst[i:]), (*[blockSize]byte)(src[i:])
		binary.LittleEndian.PutUint64(d[0:], binary.LittleEndian.Uint64(s[0:])^k)
		binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(s[8:])^k)
		binary.LittleEndian.PutUint64(d[16:], binary.LittleEndian.Uint64(s[16:])^k)
		binary.LittleEndian.PutUint64(d[24:], binary.LittleEndian.Uint64(s[24:])^k)
		binary.LittleEndian.PutUint64(d[32:], binary.LittleEndian.Uint64(s[32:])^k)
		binary.LittleEndian.PutUint64(d[40:], binary.LittleEndian.Uint64(s[40:])^k)
		binary.LittleEndian.PutUint64(d[48:], binary.LittleEndian.Uint64(s[48:])^k)
		binary.LittleEndian.PutUint64(d[56:], binary.LittleEndian.Uint64(s[56:])^k)
	}
	dst, src = dst[i:], src[i:]
	for len(src) >= 8 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^k)
		dst, src = dst[8:], src[8:]
	}
	if len(src) >= 4 && len(dst) >= 4 {
		binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(src)^uint32(k))
		dst, src = dst[4:], src[4:]
	}
	if len(src) >= 2 && len(dst) >= 2 {
		binary.LittleEndian.PutUint16(dst, binary.LittleEndian.Uint16(src)^uint16(k))
		dst, src = dst[2:], src[2:]
		k >>= 16
	}
	if len(src) > 0 && len(dst) > 0 {
		dst[0] = src[0] ^ byte(k)
	}
	return next
}

// stream returns the eight bytes of the repeated key from offset pos on, the first of them lowest.
func stream(key [4]byte, pos int) uint64 {
	k := uint64(binary.LittleEndian.Uint32(key[:]))
	k |= k << 32
	shift := uint(pos&3) * 8
	return k>>shift | k<<(64-shift)
}

//go:build linux

package pace

import (
	"encoding/binary"
	"hash/crc32"
)

// MinSize is the shortest message, in bytes: what tells it from every other, and no filling.
const MinSize = headLen + sumLen

const (
	headLen = 4 + 8 // the connection's number and the message's number on it, big-endian
	sumLen  = 4     // CRC-32 of all before
)

// appendMessage appends message number seq of connection conn to dst:
//
//	| conn | seq | filling, of 0 to most-MinSize bytes | CRC-32 |
//
// Length and filling follow from the two numbers, so that the echo can be compared byte for byte though nobody kept the message.
func appendMessage(dst []byte, conn uint32, seq uint64, most int) []byte {
	from := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, conn)
	dst = binary.BigEndian.AppendUint64(dst, seq)
	x := mix(uint64(conn)<<40 ^ seq)
	end := len(dst) + int(x%uint64(most-MinSize+1))
	for len(dst) < end {
		x = mix(x)
		dst = binary.LittleEndian.AppendUint64(dst, x)
	}
	dst = dst[:end]
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[from:]))
}

// parseMessage returns the numbers in p, and whether p is a message at all.
func parseMessage(p []byte) (conn uint32, seq uint64, ok bool) {
	if len(p) < MinSize {
		return 0, 0, false
	}
	body := p[:len(p)-sumLen]
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(p[len(body):]) {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(p), binary.BigEndian.Uint64(p[4:]), true
}

// mix is one step of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

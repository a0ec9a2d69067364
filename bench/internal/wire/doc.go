// Package wire holds what a load generator puts on the wire and what it expects back: client
// frames encoded, compressed and masked before the clock starts, and a check of every echo (RFC 6455 section 5.2,
// RFC 7692 sections 6 and 7.2).
//
// It is deliberately no part of laminar and imports nothing of it, so that the frames every library is
// measured with, and the judge of its replies, favour none of them. Compression is the standard library's. It knows data
// frames without extensions or with permessage-deflate, and nothing else.
package wire

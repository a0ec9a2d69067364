package frame

// WriteChunk is the largest frame that leaves a Writer in one call.
const WriteChunk = writeChunk

// The breaches, for tables that ask for one of them by identity.
var (
	ErrTopBit      = errTopBit
	ErrNonMinimal  = errNonMinimal
	ErrReservedBit = errReservedBit
	ErrRsv1Place   = errRsv1Place
	ErrOpcode      = errOpcode
	ErrUnmasked    = errUnmasked
	ErrMasked      = errMasked
	ErrControlFin  = errControlFin
	ErrControlLong = errControlLong
	ErrNoMessage   = errNoMessage
	ErrInterleaved = errInterleaved
	ErrTooLong     = errTooLong
	ErrCloseLength = errCloseLength
	ErrCloseCode   = errCloseCode
	ErrCloseReason = errCloseReason
)

// KeyBlock takes a block of random bytes out of the pool and returns the part that was handed out as keys and the part
// that was not.
func KeyBlock() (used, fresh []byte) {
	k := keyBlocks.Get().(*keyBlock)
	return k.bytes[:k.used], k.bytes[k.used:]
}

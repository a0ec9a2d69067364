package bufpool

// MaxSize is the size of the largest class, in bytes.
const MaxSize = maxSize

// Classes is how many classes there are.
const Classes = len(pools)

// ClassOf and ClassSize are the two directions between a size and its class.
var (
	ClassOf   = classOf
	ClassSize = classSize
	BigSize   = bigSize
)

// Array returns the array that b was lent.
func Array(b *Buffer) []byte { return b.array }

package handshake

var (
	SHA1SumUnenforced = sha1SumUnenforced
	SplitTarget       = splitTarget
	SplitHost         = splitHost
	EqualFold         = equalFold
)

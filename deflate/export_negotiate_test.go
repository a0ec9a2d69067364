package deflate

// Canonical parses params and writes them again.
func Canonical(params []Param) ([]Param, error) {
	t, err := parse(params)
	return t.list(), err
}

// Resolved returns what the Options come to.
func (o Options) Resolved() (level, threshold int, send, receive uint8) {
	return o.level(), o.CompressFrom(), o.sendBits(), o.receiveBits()
}

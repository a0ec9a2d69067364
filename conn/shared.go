package conn

import "sync/atomic"

var lastOptions atomic.Pointer[Options]

// shared returns a pointer to options equal to o, the same for all connections that follow one another with
// equal options, so that ten thousand connections of one server hold one copy. What it points to is never written.
func shared(o Options) *Options {
	if p := lastOptions.Load(); p != nil && *p == o {
		return p
	}
	p := new(Options) // and not &o, which would put o on the heap in any case
	*p = o
	lastOptions.Store(p)
	return p
}

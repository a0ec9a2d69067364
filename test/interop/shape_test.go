package interop

import (
	"fmt"
	"strings"
)

// A shape is how messages are cut up and what is sent between the pieces.
type shape struct {
	Fragment int  `json:"fragment"`
	Empty    bool `json:"empty"`
	Ping     bool `json:"ping"`
	Deflate  bool `json:"deflate"`
}

// shapes returns the ways to send a message of n bytes, fewer of them where all that can be compressed is: the cuts are the same
// then, and messages that are not compressed are as they are elsewhere.
func shapes(n int, compressed bool) []shape {
	fragments := []int{1, 50} // of small messages; larger ones are cut into at most a few hundred
	switch {
	case n >= 16*mib:
		fragments = []int{mib - 1}
	case n >= mib:
		fragments = []int{65536}
	case n > 126:
		fragments = []int{1000}
	}
	if compressed {
		all := []shape{{}, {Deflate: true}}
		for _, f := range fragments {
			all = append(all, shape{Fragment: f, Empty: true, Ping: true, Deflate: true})
		}
		return all
	}
	all := []shape{{}, {Ping: true, Deflate: true}}
	for _, f := range fragments {
		all = append(all, shape{Fragment: f}, shape{Fragment: f, Empty: true, Ping: true, Deflate: true})
	}
	return all
}

// charge returns what a message of n bytes in this shape may count towards a receiver's limit on messages: a
// fragment counts as 64 bytes at least, and a peer's library may add an empty one.
func (s shape) charge(n int) int {
	if s.Fragment == 0 {
		return n
	}
	return (n/s.Fragment)*max(s.Fragment, 64) + 5*64
}

func (s shape) String() string {
	var b strings.Builder
	if s.Fragment == 0 {
		b.WriteString("whole")
	} else {
		fmt.Fprintf(&b, "fragments=%d", s.Fragment)
	}
	for _, part := range []struct {
		on   bool
		name string
	}{{s.Empty, "empty"}, {s.Ping, "ping"}, {s.Deflate, "deflate"}} {
		if part.on {
			b.WriteString("+" + part.name)
		}
	}
	return b.String()
}

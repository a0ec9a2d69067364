package conn

import (
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// TestShared: connections with equal options hold one copy between them, and never one that differs.
func TestShared(t *testing.T) {
	open := func(opts *Options) *Options { return New(nil, frame.Server, opts).opts }
	a, b := &Options{Subprotocol: "a"}, &Options{Subprotocol: "b"}
	first, second := open(a), open(&Options{Subprotocol: "a"})
	if first != second {
		t.Error("two connections with equal options hold two copies")
	}
	if first == a {
		t.Error("the caller's options are kept")
	}
	if got := open(b); got == first || got.Subprotocol != "b" || first.Subprotocol != "a" {
		t.Errorf("other options: %+v beside %+v", got, first)
	}
	if n := testing.AllocsPerRun(100, func() { shared(*first) }); n > 0 {
		t.Errorf("%v allocations for options that were seen before; want none", n)
	}
}

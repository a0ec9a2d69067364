package deflate_test

import (
	"slices"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

// FuzzNegotiate takes any parameters as a client's offers and as a server's answer, with any Options, valid or not: no panic; the first
// well-formed offer is accepted, and the answer keeps to it; a good answer and no other passes; what is well-formed is written as it was read.
func FuzzNegotiate(f *testing.F) {
	for _, tt := range acceptTests {
		f.Add(tt.offers, 0, flagsOf(tt.o), tt.o.SendWindowBits, tt.o.ReceiveWindowBits)
	}
	for _, tt := range checkTests {
		f.Add(tt.answer, 0, flagsOf(tt.o), tt.o.SendWindowBits, tt.o.ReceiveWindowBits)
	}
	for i, tt := range paramTests {
		f.Add(tt.in, i, byte(i), i, i%17)
	}
	f.Fuzz(func(t *testing.T, s string, level int, flags byte, send, receive int) {
		o := deflate.Options{
			Level: level, Threshold: level, SendWindowBits: send, ReceiveWindowBits: receive,
			ContextTakeover: flags&1 != 0, ReceiveOnly: flags&2 != 0, SendOnly: flags&4 != 0, Dedicated: flags&8 != 0,
		}
		offers := offered(s)
		before := textsOf(offers)

		want, wantOK := acceptable(offers)
		p, answer, ok := o.Accept(offers)
		switch {
		case ok != wantOK:
			t.Fatalf("%+v: to %q: accepted %v; want %v", o, s, ok, wantOK)
		case ok:
			checkAnswer(t, o, want, p, answer)
		}

		for _, list := range offers {
			read, _ := plainRead(list, true)
			want, ok := agreement(o, plainReads(o.Offers(), false), read)
			if got, err := o.Check(list); (err == nil) != ok || got != want {
				t.Fatalf("%+v: %q: got %+v, %v; want %+v, a good answer: %v", o, textOf(list), got, err, want, ok)
			}

			_, ok = plainRead(list, false)
			written, err := deflate.Canonical(list)
			if (err == nil) != ok {
				t.Fatalf("%q: got %v; want well-formed: %v", textOf(list), err, ok)
			}
			if !ok {
				if written != nil {
					t.Fatalf("%q: got %q with %v; want nothing", textOf(list), textOf(written), err)
				}
				continue
			}
			ordered := slices.Clone(list)
			slices.SortFunc(ordered, func(a, b deflate.Param) int {
				return slices.Index(paramNames, a.Name) - slices.Index(paramNames, b.Name)
			})
			if !slices.Equal(written, ordered) {
				t.Fatalf("written as %q; want %q", textOf(written), textOf(ordered))
			}
		}
		if after := textsOf(offers); after != before {
			t.Fatalf("the offers were changed from %q to %q", before, after)
		}

		// The two sides of the same Options agree.
		p, answer, ok = o.Accept(o.Offers())
		if q, err := o.Check(answer); !ok || err != nil || q != p {
			t.Fatalf("%+v: server %+v, %v; client %+v, %v", o, p, ok, q, err)
		}
	})
}

func flagsOf(o deflate.Options) byte {
	var b byte
	for i, set := range []bool{o.ContextTakeover, o.ReceiveOnly, o.SendOnly, o.Dedicated} {
		if set {
			b |= 1 << i
		}
	}
	return b
}

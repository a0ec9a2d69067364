package hostile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// extensions are the value of a line of Sec-WebSocket-Extensions.
type extensions string

// field returns the line, or nothing for none.
func (e extensions) field() string {
	if e == "" {
		return ""
	}
	return "Sec-WebSocket-Extensions: " + string(e) + "\r\n"
}

// agreement is what a victim and its peer have agreed on. The zero value: no extension.
type agreement struct {
	name    string
	options *deflate.Options // of the victim
	offer   extensions       // where it is a server
	answer  extensions       // from either server
	keeps   bool             // what the peer sends may refer to its messages before
}

const (
	deflateAlone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	deflateAll   = "permessage-deflate"
)

var agreements = []agreement{
	{"message", &deflate.Options{}, deflateAll, deflateAlone, false},
	{"takeover", &deflate.Options{ContextTakeover: true}, deflateAll, deflateAll, true},
}

// compressedModes have a mode of their own for what is inflated while it arrives.
var compressedModes = append(slices.Clip(modes), mode{name: "stream", serve: (*app).stream})

// forCompressed runs test for both ends, all modes and all agreements.
func forCompressed(t *testing.T, o conn.Options, test func(t *testing.T, v victim, z agreement, open func(testing.TB) *attacker)) {
	for _, z := range agreements {
		for _, v := range victims(compressedModes, z) {
			t.Run(v.name+"/"+z.name, func(t *testing.T) { test(t, v, z, v.start(t, o)) })
		}
	}
}

// eager is z with options that compress whatever is not empty.
func (z agreement) eager() agreement {
	o := *z.options
	o.Threshold = 1
	z.options = &o
	return z
}

// cut returns a message of n fragments, of which the first has the first byte b0 without FIN.
func (w wire) cut(b0 byte, payload string, n int) string {
	var b strings.Builder
	for i := range n {
		part := payload[i*len(payload)/n : (i+1)*len(payload)/n]
		if i == n-1 {
			b0 |= 0x80
		}
		b.WriteString(w.frame(b0, part))
		b0 = 0
	}
	return b.String()
}

// wantsCompressed reads a compressed message of one frame, and returns its payload.
func (p *attacker) wantsCompressed(t testing.TB, op frame.Opcode) string {
	t.Helper()
	h, got, err := p.next()
	if err != nil || h.Opcode != op || !h.Fin || !h.Rsv1 || h.Masked == p.wire.masked {
		t.Fatalf("got %+v %.100q, %v; want a compressed %v", h, got, err, op)
	}
	return got
}

// wantsMessage reads a message of one frame that has this content, compressed or not, and refers to no other.
func (p *attacker) wantsMessage(t testing.TB, op frame.Opcode, content string) {
	t.Helper()
	h, got, err := p.next()
	if err == nil && h.Rsv1 {
		got, err = inflated(got, "")
	}
	if err != nil || h.Opcode != op || !h.Fin || got != content || h.Masked == p.wire.masked {
		t.Fatalf("got %+v with %.100q, %v; want %v %.100q", h, got, err, op, content)
	}
}

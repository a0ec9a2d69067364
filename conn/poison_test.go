//go:build race

package conn_test

import (
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// poisoned reports whether p was overwritten, as race builds do when a loan ends: with 0xDB or, where the buffer was lent once more already, with
// something else.
func poisoned(p []byte, was string) bool { return string(p) != was || was == "" }

// TestMessage_poisoned: who keeps Data for longer than it is valid is caught, wherever the message lay.
func TestMessage_poisoned(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			var last []byte
			inBothModes(t, func(p *peer) { p.send(k.frames(p, k.messages)...) }, len(k.messages),
				func(i int, _ *conn.Conn, m conn.Message) {
					if i > 0 && !poisoned(last, k.messages[i-1]) {
						t.Errorf("message %d is %.20q when the next one is there; want it overwritten", i-1, last)
					}
					if string(m.Data) != k.messages[i] {
						t.Errorf("message %d is %.20q; want %.20q", i, m.Data, k.messages[i])
					}
					last = m.Data
				},
				func() {
					if !poisoned(last, k.messages[len(k.messages)-1]) {
						t.Errorf("the last message is %.20q when the connection has ended; want it overwritten", last)
					}
					last = nil
				})
		})
	}
}

// TestEvents_poisoned: so is who keeps the payload of a ping or a pong.
func TestEvents_poisoned(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	want := []string{"ping", "pong", "", "and a pong"}
	whole, split := p.frame(0x89, want[0]), p.frame(0x8A, want[3])
	var kept [][]byte
	take := func(_ *conn.Conn, payload []byte) {
		for i, b := range kept {
			if !poisoned(b, want[i]) {
				t.Errorf("payload %d is %q when the next one is there; want it overwritten", i, b)
			}
		}
		if string(payload) != want[len(kept)] {
			t.Errorf("payload %q; want %q", payload, want[len(kept)])
		}
		if kept = append(kept, payload); len(kept) == 3 {
			p.send(split[9:], p.frame(0x81, "end"))
		}
	}
	p.send(whole, p.frame(0x8A, want[1]), p.frame(0x89, want[2]), split[:9])
	c.Serve(t0, &conn.Events{OnPing: take, OnPong: take, OnMessage: func(*conn.Conn, conn.Message) { p.rw.Close() }})
	if len(kept) != 4 || !poisoned(kept[3], want[3]) {
		t.Errorf("%d payloads kept, the last %q; want 4, all overwritten", len(kept), kept[len(kept)-1])
	}
}

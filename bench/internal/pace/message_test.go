//go:build linux

package pace

import (
	"bytes"
	"testing"
)

func TestAppendMessage(t *testing.T) {
	const most = 100
	lengths := map[int]bool{}
	seen := map[string]bool{}
	for conn := range uint32(50) {
		for seq := range uint64(50) {
			p := appendMessage([]byte("> "), conn, seq, most)[2:]
			if !bytes.Equal(p, appendMessage(nil, conn, seq, most)) {
				t.Fatalf("message %d of connection %d differs from itself", seq, conn)
			}
			if gotConn, gotSeq, ok := parseMessage(p); !ok || gotConn != conn || gotSeq != seq {
				t.Fatalf("message %d of connection %d reads %d, %d, %v", seq, conn, gotSeq, gotConn, ok)
			}
			lengths[len(p)] = true
			seen[string(p)] = true
		}
	}
	if len(seen) != 50*50 {
		t.Errorf("%d distinct messages of %d", len(seen), 50*50)
	}
	for n := MinSize; n <= most; n++ {
		if !lengths[n] {
			t.Errorf("none of the messages has %d bytes", n)
		}
		delete(lengths, n)
	}
	if len(lengths) > 0 {
		t.Errorf("messages of %v bytes; want %d to %d", lengths, MinSize, most)
	}
}

func TestParseMessage_changed(t *testing.T) {
	p := appendMessage(nil, 7, 9, 64)
	for i := range p {
		changed := bytes.Clone(p)
		changed[i] ^= 1
		if _, _, ok := parseMessage(changed); ok {
			t.Errorf("a message with byte %d changed passes", i)
		}
	}
	for n := range p {
		if _, _, ok := parseMessage(p[:n]); ok {
			t.Errorf("the first %d bytes of a message pass", n)
		}
	}
}

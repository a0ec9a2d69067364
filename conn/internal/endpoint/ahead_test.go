package endpoint

import (
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// TestReceiver_controlAhead asks before every byte of a stream whose frames are known.
func TestReceiver_controlAhead(t *testing.T) {
	var stream []byte
	var control []bool // of each byte
	add := func(op frame.Opcode, fin bool, n int) {
		b := append(frame.AppendHeader(nil, frame.Header{Fin: fin, Opcode: op, Length: int64(n)}), make([]byte, n)...)
		stream = append(stream, b...)
		for range b {
			control = append(control, op.IsControl())
		}
	}
	add(frame.Binary, false, 300)
	add(frame.Ping, true, 0)
	add(frame.Continuation, false, 0)
	add(frame.Pong, true, 125)
	add(frame.Continuation, true, 70_000)
	add(frame.Ping, true, 1)
	add(frame.Text, true, 0)
	add(frame.Close, true, 0)
	r := NewReceiver(Config{From: frame.Server, MaxMessage: -1})
	for i := range stream {
		if got := r.ControlAhead(stream[i:]); got != control[i] {
			t.Fatalf("byte %d: %v; want %v", i, got, control[i])
		}
		if _, n, err := r.Next(stream[i : i+1]); n != 1 || err != nil {
			t.Fatalf("byte %d: took %d, %v", i, n, err)
		}
	}
}

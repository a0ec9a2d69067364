package endpoint_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

func TestSender_Owe(t *testing.T) {
	for _, role := range []frame.Role{frame.Server, frame.Client} {
		s := endpoint.NewSender(role)
		if b := s.AppendOwed(nil); s.Owes() || b != nil {
			t.Fatalf("%v: a new Sender owes % x", role, b)
		}
		payload := []byte("first")
		s.Owe(payload)
		clear(payload) // is not kept
		if !s.Owes() {
			t.Fatalf("%v: nothing is owed after a ping", role)
		}
		b := s.AppendOwed([]byte("x"))
		if d := cmp.Diff([]record{pong("first")}, heard(t, role, b[1:])); d != "" {
			t.Errorf("%v (-want +got):\n%s", role, d)
		}
		if b := s.AppendOwed(nil); s.Owes() || b != nil {
			t.Errorf("%v: a pong is owed twice: % x", role, b)
		}
		s.Owe(nil)
		if d := cmp.Diff([]record{pong("")}, heard(t, role, s.AppendOwed(nil))); d != "" {
			t.Errorf("%v: empty ping (-want +got):\n%s", role, d)
		}
	}
}

// TestSender_Owe_flood: of 300,000 pings the last is answered, and only that one is remembered.
func TestSender_Owe_flood(t *testing.T) {
	s := endpoint.NewSender(frame.Server)
	s.Owe([]byte(strings.Repeat("p", frame.MaxControlPayload)))
	payload := make([]byte, 0, 16)
	if n := testing.AllocsPerRun(10, func() {
		for i := range 30000 {
			payload = strconv.AppendInt(payload[:0], int64(i), 10)
			s.Owe(payload)
		}
	}); n != 0 {
		t.Errorf("30,000 pings allocate %v times; want none", n)
	}
	if d := cmp.Diff([]record{pong("29999")}, heard(t, frame.Server, s.AppendOwed(nil))); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestReceiver_controlInPieces: the payload of a control frame that came in pieces stays as it is while more input comes.
func TestReceiver_controlInPieces(t *testing.T) {
	rcv := endpoint.NewReceiver(noLimit(frame.Client))
	stream := encode(frame.Client, part{0x89, "first"}, part{0x89, "second"})
	var payloads [][]byte
	for i := range stream {
		ev, _, err := rcv.Next(stream[i : i+1])
		if err != nil {
			t.Fatal(err)
		}
		if ev.Kind == endpoint.Ping {
			payloads = append(payloads, ev.Data)
		}
	}
	scorch(stream)
	if len(payloads) != 2 || string(payloads[0]) != "first" || string(payloads[1]) != "second" {
		t.Errorf("pings %q; want first and second", payloads)
	}
}

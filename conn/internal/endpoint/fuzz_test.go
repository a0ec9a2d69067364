package endpoint_test

import (
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// FuzzReceiver_server feeds what a server might send, FuzzReceiver_client what a client might.
func FuzzReceiver_server(f *testing.F) { fuzzReceiver(f, frame.Server) }
func FuzzReceiver_client(f *testing.F) { fuzzReceiver(f, frame.Client) }

// fuzzReceiver compares a Receiver, fed in one piece, byte by byte, in random pieces and past Next, with the plain
// reference. The message limit is low, so that a fuzzer can reach it.
func fuzzReceiver(f *testing.F, from frame.Role) {
	seed := func(parts []part) {
		stream := encode(from, parts...)
		if len(stream) < 1000 {
			f.Add(stream, uint64(len(stream)), uint16(500), false)
			f.Add(stream, uint64(len(stream)), uint16(4), true)
		}
	}
	for _, tt := range receiverTests {
		seed(tt.parts)
	}
	for _, tt := range breachTests {
		seed(tt.parts)
	}
	for _, tt := range limitTests {
		seed(tt.parts)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cuts uint64, max uint16, skip bool) {
		cfg := endpoint.Config{From: from, MaxMessage: int64(max), SkipUTF8: skip}
		if max == 0 {
			cfg.MaxMessage = -1
		}
		rnd := rand.New(rand.NewPCG(cuts, 0))
		bytes, _ := bytewise(t, cfg, stream)
		for name, got := range map[string]outcome{
			"one piece":     whole(t, cfg, stream),
			"single bytes":  bytes,
			"small pieces":  cut(t, cfg, stream, 7, rnd),
			"larger pieces": cut(t, cfg, stream, 200, rnd),
			"past Next":     direct(t, cfg, stream, 50, rnd),
		} {
			if err := agrees(cfg, stream, got); err != nil {
				t.Errorf("in %s: %v", name, err)
			}
		}
	})
}

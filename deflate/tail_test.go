package deflate_test

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/deflate"
)

var tailMessages = flag.Int("tail", 0, "messages of TestTail at each level; 0: as many as are quick")

// Every small message ends with the tail before it is cut off, which the compressor itself looks at, and inflates to what it was. The library's flush
// decides that by the bits that are left over in its last byte, so that it takes many messages to have seen all there is.
func TestTail(t *testing.T) {
	messages := *tailMessages
	switch {
	case messages > 0:
	case testing.Short() || raceEnabled:
		messages = 400
	default:
		messages = 10000
	}
	connections := []struct {
		dir       deflate.Direction
		dedicated bool
	}{
		{dir: alone},
		{dir: takeover},
		{dir: takeover, dedicated: true},
		{dir: deflate.Direction{ContextTakeover: true, WindowBits: 8}}, // of which messages over 128 bytes go to the window's own compressor
	}
	length := max(messages/20, 1) // messages of a connection
	for level := 1; level <= 9; level++ {
		rng := rand.New(rand.NewPCG(uint64(level), 7692))
		var z deflate.Compressor
		var d deflate.Decompressor
		var p, got []byte
		for i := range messages {
			if i%length == 0 {
				c := connections[i/length%len(connections)]
				z = deflate.NewCompressor(c.dir, deflate.Options{Level: level, Dedicated: c.dedicated})
				d = deflate.NewDecompressor(c.dir)
			}
			m := small(rng)
			var err error
			if p, err = z.Append(p[:0], m); err != nil {
				t.Fatalf("level %d, message %d, %q: %v", level, i, m, err)
			}
			if got, err = d.Append(got[:0], p, int64(len(m))); err != nil || !bytes.Equal(got, m) {
				t.Fatalf("level %d, message %d, %q, compressed to %x: got %q, %v", level, i, m, p, got, err)
			}
		}
	}
}

// small returns a message of 0 to 200 bytes: of one kind of content, of two, or one that looks like the end of a message.
func small(rng *rand.Rand) []byte {
	n := rng.IntN(201)
	kind := func() string { return kinds[rng.IntN(len(kinds))] }
	switch rng.IntN(8) {
	case 0:
		return bytes.Repeat([]byte{0x00, 0x00, 0xff, 0xff}, n/4)
	case 1, 2:
		return append(content(kind(), n/2, rng.Uint64()), content(kind(), n-n/2, rng.Uint64())...)
	}
	return content(kind(), n, rng.Uint64())
}

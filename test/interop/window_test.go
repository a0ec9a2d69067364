package interop

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDeflateWindow has npm ws inflate with exactly the window that it demanded and nothing beside it: zlib also finds what lies
// further back, as long as it is in the output of the same call, which is 64 bytes here. The messages repeat themselves at
// distances around the window's size.
func TestDeflateWindow(t *testing.T) {
	for _, l := range startLaminars(t, *raced) {
		for role, demand := range map[string]string{"client": "serverMaxWindowBits", "server": "clientMaxWindowBits"} {
			for bits := 8; bits <= 15; bits++ {
				check(t, fmt.Sprintf("%s/compression=%s/bits=%d", role, l.compression, bits), func(t *testing.T) {
					m, err := writeDistances(bits)
					if err != nil {
						t.Fatal(err)
					}
					pmd := fmt.Sprintf(`{"%s": %d, "zlibInflateOptions": {"chunkSize": 64}}`, demand, bits)
					e := l.meet(t, peers[0], role, pmd)(t, m.plan())
					if context, got := direction(e.Extensions, role); got != bits || context != (l.compression == "takeover") {
						t.Errorf("the extensions in use are %q; want a window of %d bits and -compression %s", e.Extensions, bits, l.compression)
					}
				})
			}
		}
	}
}

// writeDistances writes messages that repeat what is at distances around a window: within a message, from one message to
// the next, and in messages that are short against the window.
func writeDistances(bits int) (mix, error) {
	random := rand.New(rand.NewPCG(uint64(bits), 2))
	var data []byte
	var cuts []cut
	add := func(message []byte) {
		cuts = append(cuts, cut{"binary", len(data), len(data) + len(message)})
		data = append(data, message...)
	}
	window := 1 << bits
	for _, distance := range []int{
		window - 262, window - 1, window, window + 1, window + 63, window + 64, window + 258, window * 3 / 2, window*2 - 1, window * 2,
	} {
		if distance < window/4 {
			continue
		}
		block := noise(random, distance)
		add(slices.Concat(block, block))
		add(block)
		add(block)
		for part := range slices.Chunk(slices.Concat(block, block[:window/4]), window/4) {
			add(part)
		}
	}
	return writeCuts(fmt.Sprintf("distances-%d", bits), data, cuts)
}

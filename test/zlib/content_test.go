package zlib

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// kinds are of content. The mix is of pieces of the others, and of itself from a random distance on.
var kinds = []string{"zeros", "random", "json", "text", "mix"}

// sources have so much of each kind that what a message takes from there seldom comes again within a window.
var sources = func() map[string][]byte {
	const size = 1 << 20
	rng := rand.New(rand.NewPCG(7692, 1951))
	s := make(map[string][]byte)
	for _, kind := range kinds {
		b := make([]byte, 0, size+1<<10)
		for len(b) < size {
			switch kind {
			case "zeros":
				b = append(b, 0)
			case "random":
				b = append(b, byte(rng.Uint32()))
			case "json":
				b = fmt.Appendf(b, `{"id":%d,"symbol":"%s","price":%d.%02d,"side":"%s"},`, rng.IntN(1e6),
					[]string{"ETHUSD", "BTCUSD", "XRPEUR"}[rng.IntN(3)], rng.IntN(5000), rng.IntN(100), []string{"buy", "sell"}[rng.IntN(2)])
			case "text":
				b = append(b, []string{"the ", "window ", "slides ", "over ", "what ", "was ", "sent; ", "nothing ", "else "}[rng.IntN(9)]...)
			case "mix":
				n := rng.IntN(1 << rng.IntN(10))
				if from := s[kinds[rng.IntN(8)%len(kinds)]]; from != nil {
					b = append(b, piece(rng, from, n)...)
				} else if at := len(b) - rng.IntN(40000); at >= 0 {
					b = append(b, b[at:min(at+n, len(b))]...)
				}
			}
		}
		s[kind] = b[:size]
	}
	return s
}()

// piece returns n bytes of b.
func piece(rng *rand.Rand, b []byte, n int) []byte {
	at := rng.IntN(len(b) - n)
	return b[at : at+n]
}

// small are the sizes that every kind of content is sent in; large are those of which each comes with one kind on a connection, and another on the next.
var small, large = func() (small, large []int) {
	for n := range 301 {
		small = append(small, n)
	}
	for n := 512; n <= 65536; n *= 2 {
		large = append(large, n-1, n, n+1)
	}
	return small, append(large, 333, 400, 700, 1500, 3000, 5000, 10000, 20000, 40000, 50000, 70000)
}()

// everySize returns the messages of a connection, in an order of its own. They are not to be changed.
func everySize(rng *rand.Rand, connection int) [][]byte {
	var messages [][]byte
	for _, n := range small {
		for _, kind := range kinds {
			messages = append(messages, piece(rng, sources[kind], n))
		}
	}
	for i, n := range large {
		messages = append(messages, piece(rng, sources[kinds[(i+connection)%len(kinds)]], n))
	}
	rng.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	return messages
}

// someSizes returns n of such messages, of which the large ones are few.
func someSizes(rng *rand.Rand, n int) [][]byte {
	messages := make([][]byte, n)
	for i := range messages {
		size := small[rng.IntN(len(small))]
		if rng.IntN(12) == 0 {
			size = large[rng.IntN(len(large))]
		}
		messages[i] = piece(rng, sources[kinds[rng.IntN(len(kinds))]], size)
	}
	return messages
}

// distances returns messages that repeat themselves at distances around the window's size: a random half twice, and each half as a message of its own; and what
// comes again and again at that distance, in messages of any size up to twice the window's.
func distances(rng *rand.Rand, bits uint8) [][]byte {
	var messages [][]byte
	window := 1 << bits
	for _, n := range []int{
		window - 262, window - 1, window, window + 1, window + 2, window + 31, window + 130, window + 258, window * 3 / 2, window*2 - 1,
	} {
		if n <= 0 {
			continue
		}
		half := piece(rng, sources["random"], n)
		periods := bytes.Repeat(half, 3+2*window/n+1)
		messages = append(messages, periods[:2*n], half, periods[:window], periods[:window+1], periods[:window+64])
		for at := 0; at < 3*n; { // behind it there is room for one more
			size := 1 + rng.IntN(1<<(1+rng.IntN(int(bits)+1)))
			messages = append(messages, periods[at:at+size])
			at += size
		}
	}
	return messages
}

// cut cuts b into parts at random, or into single bytes. Some are empty.
func cut(rng *rand.Rand, b []byte) [][]byte {
	var parts [][]byte
	if len(b) < 300 && rng.IntN(4) == 0 {
		for i := range b {
			parts = append(parts, b[i:i+1])
		}
		return append(parts, nil)
	}
	for range rng.IntN(5) {
		n := rng.IntN(len(b) + 1)
		parts = append(parts, b[:n])
		b = b[n:]
	}
	return append(parts, b)
}

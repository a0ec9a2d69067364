package mask_test

import (
	"fmt"

	"github.com/laminar-ws/laminar/frame/internal/mask"
)

// The masked "Hello" of RFC 6455 section 5.7, unmasked as it arrives in two pieces.
func ExampleXOR() {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	first, second := []byte{0x7f, 0x9f}, []byte{0x4d, 0x51, 0x58}

	pos := mask.XOR(first, first, key, 0)
	mask.XOR(second, second, key, pos)
	fmt.Printf("%s%s\n", first, second)
	// Output: Hello
}

package wire_test

import (
	"fmt"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// Unmasked frames are already what a server would echo, so what is due may be checked as it is.
func ExampleRing() {
	ring, err := wire.NewRing(wire.Shape{Op: wire.Text, Size: 5, Window: 3, Unmasked: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	sender, checker := ring.NewSender(0), ring.NewChecker(0)
	sender.Owe(3)
	messages, err := checker.Feed(sender.Due())
	fmt.Println(len(sender.Due()), "bytes,", messages, "messages, error", err)
	// Output: 21 bytes, 3 messages, error <nil>
}

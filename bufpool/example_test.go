package bufpool_test

import (
	"fmt"

	"github.com/laminar-ws/laminar/bufpool"
)

func ExampleGet() {
	b := bufpool.Get(100)
	defer b.Release()
	fmt.Println(len(b.B), cap(b.B))

	b.B = append(b.B, "borrowed"...)
	fmt.Printf("%s\n", b.B)
	// Output:
	// 0 128
	// borrowed
}

func ExampleBuffer_Grow() {
	b := bufpool.Get(64)
	defer b.Release()

	b.B = append(b.B, "the start of a message"...)
	b.Grow(1000) // B moves to a larger array; the smaller one goes back to its pool
	fmt.Println(string(b.B), cap(b.B))
	// Output: the start of a message 1024
}

func ExampleBuffer_Release() {
	header := func(b *bufpool.Buffer) []byte { return b.B[:2] }

	b := bufpool.Get(64)
	b.B = append(b.B, "\x81\x05Hello"...)
	kept := append([]byte(nil), header(b)...) // a copy, to have it after Release
	b.Release()

	fmt.Printf("%x %v\n", kept, b.B == nil)
	// Output: 8105 true
}

func ExamplePoison() {
	b := bufpool.Get(64)
	defer b.Release()
	b.B = append(b.B, "one, two"...)

	handle := func(word []byte) { fmt.Printf("%s\n", word) } // must not keep word

	handle(b.B[:3])
	bufpool.Poison(b.B[:3]) // in a race build, whoever kept it reads 0xDB from now on
	handle(b.B[5:])
	// Output:
	// one
	// two
}

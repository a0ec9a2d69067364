package utf8x_test

import (
	"fmt"

	"github.com/laminar-ws/laminar/internal/utf8x"
)

// A text may be cut anywhere, even inside a character.
func ExampleValidator() {
	var v utf8x.Validator
	fmt.Println(v.Write([]byte("caf\xC3")), v.Complete())
	fmt.Println(v.Write([]byte("\xA9")), v.Complete())
	fmt.Println(v.Write([]byte("\xED\xA0")), v.Complete()) // the start of a surrogate: wrong already
	// Output:
	// true false
	// true true
	// false false
}

func ExampleValid() {
	fmt.Println(utf8x.Valid([]byte("caf\xC3\xA9")))
	fmt.Println(utf8x.Valid([]byte("caf\xC3")))
	// Output:
	// true
	// false
}

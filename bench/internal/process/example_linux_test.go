package process_test

import (
	"fmt"
	"os"

	"github.com/laminar-ws/laminar/bench/internal/process"
)

func ExampleOf() {
	before, err := process.Of(os.Getpid())
	if err != nil {
		fmt.Println(err)
		return
	}
	after, err := process.Of(os.Getpid())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(after.Sub(before).CPU > 0)
	// Output: true
}

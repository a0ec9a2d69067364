package announce_test

import (
	"fmt"
	"strings"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

func ExampleListen() {
	var out strings.Builder
	ln, err := announce.Listen("127.0.0.1:0", &out)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ln.Close()
	fmt.Println(strings.HasPrefix(out.String(), "listening on 127.0.0.1:"))
	// Output: true
}

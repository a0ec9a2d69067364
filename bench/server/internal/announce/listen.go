// Package announce is what the servers of the benchmark have in common: where they listen, and how they tell.
package announce

import (
	"fmt"
	"io"
	"net"
)

// Listen listens on addr, "host:port" with port 0 for any that is free, and prints "listening on ADDR" to w with the address it
// got. Whoever reads that line may connect.
func Listen(addr string, w io.Writer) (net.Listener, error) {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintln(w, "listening on", ln.Addr()); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}

//go:build linux

package generator_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/generator"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func ExampleRun() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ln.Close()
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer nc.Close()
				io.Copy(nc, nc)
			}()
		}
	}()
	result, err := generator.Run(context.Background(), generator.Config{
		Addr:    ln.Addr().(*net.TCPAddr).AddrPort(),
		Conns:   4,
		Shape:   wire.Shape{Op: wire.Binary, Size: 128, Window: 8, Unmasked: true},
		Plain:   true,
		Measure: 20 * time.Millisecond,
	})
	fmt.Println(result.Conns, "connections, messages echoed:", result.Messages > 0, err)
	// Output: 4 connections, messages echoed: true <nil>
}

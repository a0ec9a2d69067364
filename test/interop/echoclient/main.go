// Command echoclient connects to a WebSocket server and sends every message back as it came, until the server closes.
// It is for tests: examples/client is the program to learn from.
//
//	go run ./test/interop/echoclient -compression takeover -options '{"SendWindowBits": 10}' ws://localhost:8080/
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
)

func main() {
	var opts client.Options
	flag.Func("compression", "permessage-deflate: off, message, takeover", func(name string) error {
		if name != "off" {
			opts.Compression = &deflate.Options{Threshold: 1, ContextTakeover: name == "takeover"}
		}
		return nil
	})
	flag.Func("options", "change these `fields` of the deflate.Options behind it, as JSON", func(fields string) error {
		return json.Unmarshal([]byte(fields), opts.Compression)
	})
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: echoclient [flags] URL")
		flag.PrintDefaults()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), &opts); err != nil {
		fmt.Fprintln(os.Stderr, "echoclient:", err)
		os.Exit(1)
	}
}

// run returns nil where the server closed with 1000.
func run(url string, opts *client.Options) error {
	ctx := context.Background()
	c, err := client.Dial(ctx, url, opts)
	if err != nil {
		return err
	}
	defer c.Close()
	err = c.Serve(ctx, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
		c.Write(ctx, m.Op, m.Data) // an error ends the connection, and Serve returns it
	}})
	if closed, ok := errors.AsType[*conn.CloseError](err); ok && closed.Code == closecode.NormalClosure {
		return nil
	}
	return err
}

// Command client connects to a WebSocket server, sends each line of standard input as a text message and prints what it receives:
// "text LEN PAYLOAD" or "binary LEN HEX", LEN in bytes. It ends with "closed CODE REASON" or "error: ...".
//
//	go run ./examples/client ws://localhost:8080/
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

func main() {
	opts := &client.Options{Header: http.Header{}}
	flag.Func("header", "add a request header `field: value`; may be repeated", func(line string) error {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return errors.New("want 'field: value'")
		}
		opts.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		return nil
	})
	flag.Func("subprotocol", "offer this subprotocol; may be repeated", func(name string) error {
		opts.Subprotocols = append(opts.Subprotocols, name)
		return nil
	})
	flag.Int64Var(&opts.Conn.MaxMessage, "max-message", conn.DefaultMaxMessage, "longest message in `bytes`; negative: no limit")
	flag.Func("compression", "permessage-deflate: `off`, message (without context takeover), takeover; every message is compressed (default off)", func(name string) error {
		switch name {
		case "off":
			opts.Compression = nil
		case "message", "takeover":
			opts.Compression = &deflate.Options{Threshold: 1, ContextTakeover: name == "takeover"}
		default:
			return errors.New("want off, message or takeover")
		}
		return nil
	})
	once := flag.Bool("once", false, "close at the end of standard input")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: client [flags] URL")
		flag.PrintDefaults()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	out := bufio.NewWriter(os.Stdout)
	clean := run(ctx, flag.Arg(0), opts, os.Stdin, out, *once)
	out.Flush()
	if !clean {
		os.Exit(1)
	}
}

// run talks to the server at url until the connection ends, and reports whether it ended with a closing handshake.
func run(ctx context.Context, url string, opts *client.Options, in io.Reader, out *bufio.Writer, once bool) (clean bool) {
	c, err := client.Dial(ctx, url, opts)
	if err != nil {
		fmt.Fprintln(out, "error:", err)
		return false
	}
	defer c.Close()
	go send(ctx, c, in, once) // ends with the input or the connection
	defer context.AfterFunc(ctx, func() { c.Shutdown(context.Background(), closecode.GoingAway, "") })()
	for {
		m, err := c.Read(context.Background())
		if err != nil {
			return printEnd(out, err)
		}
		verb := "%s"
		if m.Op == frame.Binary {
			verb = "%x"
		}
		fmt.Fprintf(out, "%v %d "+verb+"\n", m.Op, len(m.Data), m.Data)
		out.Flush()
	}
}

// send sends each line of in as a text message.
func send(ctx context.Context, c *conn.Conn, in io.Reader, once bool) {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err == nil || len(line) > 0 {
			if c.Write(ctx, frame.Text, trimEnd(line)) != nil {
				return // the reading side says why
			}
		}
		if err != nil {
			if once {
				c.Shutdown(ctx, closecode.NormalClosure, "")
			}
			return
		}
	}
}

// trimEnd cuts the line's end off, "\n" or "\r\n".
func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
		if n > 1 && line[n-2] == '\r' {
			line = line[:n-2]
		}
	}
	return line
}

// printEnd prints how the connection ended and reports whether that was a closing handshake.
func printEnd(out io.Writer, err error) (clean bool) {
	closed, ok := errors.AsType[*conn.CloseError](err)
	if !ok {
		fmt.Fprintln(out, "error:", err)
		return false
	}
	reason := closed.Reason
	if closed.Err != nil {
		reason = closed.Err.Error()
	}
	fmt.Fprintf(out, "closed %d %s\n", uint16(closed.Code), reason)
	return closed.Code != closecode.AbnormalClosure
}

// Command laminar is an echo server on laminar, written as its documentation shows.
//
//	laminar -addr HOST:PORT [-mode read|events] [-compression off|message|takeover|dedicated] [-window-bits N]
//
// In mode read, net/http's goroutine reads each connection with Conn.Read; in mode events, the connection has a
// goroutine of its own that calls OnMessage. With compression takeover, connections borrow a compressor for each message; dedicated is the same with
// a compressor for each connection. Every message is compressed, whatever its length. With window-bits, both directions have windows of 2^N bytes at most.
//
// A GET of /memory tells what the process holds when all garbage is collected: see memory.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/server"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	mode := flag.String("mode", "read", "read or events")
	compression := flag.String("compression", "off", "off, message, takeover or dedicated")
	bits := flag.Int("window-bits", 0, "8 to 15; 0: 15")
	flag.Parse()
	h, err := handler(*mode, *compression, *bits)
	if err != nil {
		log.Fatal(err)
	}
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/memory", tellMemory)
	mux.Handle("/", h)
	log.Fatal(http.Serve(ln, mux))
}

// handler returns the echo of the mode and with the compression named.
func handler(mode, compression string, bits int) (http.Handler, error) {
	opts := new(server.Options)
	switch compression {
	case "off":
	case "message":
		opts.Compression = &deflate.Options{Threshold: 1}
	case "takeover":
		opts.Compression = &deflate.Options{Threshold: 1, ContextTakeover: true}
	case "dedicated":
		opts.Compression = &deflate.Options{Threshold: 1, ContextTakeover: true, Dedicated: true}
	default:
		return nil, fmt.Errorf("-compression %q; want off, message, takeover or dedicated", compression)
	}
	if opts.Compression != nil {
		opts.Compression.SendWindowBits, opts.Compression.ReceiveWindowBits = bits, bits
	}
	switch mode {
	case "read":
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { read(w, r, opts) }), nil
	case "events":
		return server.Handler(&conn.Events{OnMessage: echo}, opts), nil
	}
	return nil, fmt.Errorf("-mode %q; want read or events", mode)
}

func read(w http.ResponseWriter, r *http.Request, opts *server.Options) {
	c, err := server.Accept(w, r, opts)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		m, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if err := c.Write(r.Context(), m.Op, m.Data); err != nil {
			return
		}
	}
}

// echo leaves a write that fails to the connection, which has ended then.
func echo(c *conn.Conn, m conn.Message) {
	c.Write(context.Background(), m.Op, m.Data)
}

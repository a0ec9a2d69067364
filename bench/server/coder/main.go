// Command coder is an echo server on github.com/coder/websocket, written as its documentation shows: Accept, Read and Write.
//
//	coder -addr HOST:PORT [-compression off|message|takeover]
//
// The thresholds of compression are the package's own: messages from 512 bytes, with context takeover from 128.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/coder/websocket"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

// readLimit is the longest message in bytes, 1 MiB. The package's own 32 KiB are fewer than a test of the benchmark sends.
const readLimit = 1 << 20

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	compression := flag.String("compression", "off", "off, message or takeover")
	flag.Parse()
	h, err := handler(*compression)
	if err != nil {
		log.Fatal(err)
	}
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(ln, h))
}

// handler returns the echo with the compression named.
func handler(compression string) (http.Handler, error) {
	var opts websocket.AcceptOptions
	switch compression {
	case "off":
	case "message":
		opts.CompressionMode = websocket.CompressionNoContextTakeover
	case "takeover":
		opts.CompressionMode = websocket.CompressionContextTakeover
	default:
		return nil, fmt.Errorf("-compression %q; want off, message or takeover", compression)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { echo(w, r, &opts) }), nil
}

// echo has a context of its own: Accept warns of the request's.
func echo(w http.ResponseWriter, r *http.Request, opts *websocket.AcceptOptions) {
	c, err := websocket.Accept(w, r, opts)
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(readLimit)
	for {
		op, p, err := c.Read(context.Background())
		if err != nil {
			return
		}
		if err := c.Write(context.Background(), op, p); err != nil {
			return
		}
	}
}

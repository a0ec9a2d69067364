// Command gorilla is an echo server on github.com/gorilla/websocket, written as that package's documentation shows: an
// Upgrader with its defaults, ReadMessage and WriteMessage.
//
//	gorilla -addr HOST:PORT [-compression off|message]
//
// The package compresses without context takeover only, and every message, whatever its length.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gorilla/websocket"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	compression := flag.String("compression", "off", "off or message")
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
	var upgrader websocket.Upgrader
	switch compression {
	case "off":
	case "message":
		upgrader.EnableCompression = true
	default:
		return nil, fmt.Errorf("-compression %q; want off or message", compression)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { echo(w, r, &upgrader) }), nil
}

func echo(w http.ResponseWriter, r *http.Request, upgrader *websocket.Upgrader) {
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		op, p, err := c.ReadMessage()
		if err != nil {
			return
		}
		if err := c.WriteMessage(op, p); err != nil {
			return
		}
	}
}

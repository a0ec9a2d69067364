// Command gorilla is an echo server on github.com/gorilla/websocket, written as that package's documentation shows: an
// Upgrader with its defaults, ReadMessage and WriteMessage.
//
//	gorilla -addr HOST:PORT
package main

import (
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/gorilla/websocket"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

var upgrader websocket.Upgrader

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	flag.Parse()
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(ln, http.HandlerFunc(echo)))
}

func echo(w http.ResponseWriter, r *http.Request) {
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

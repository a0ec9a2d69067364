// Command gws is an echo server on github.com/lxzan/gws, written as its README shows, but for two things: messages
// are handled in order, since an echo that overtakes another is no echo of the stream; and no compression is offered.
//
//	gws -addr HOST:PORT
package main

import (
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/lxzan/gws"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	flag.Parse()
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(ln, handler()))
}

func handler() http.Handler {
	upgrader := gws.NewUpgrader(echo{}, &gws.ServerOption{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go c.ReadLoop() // ends with the connection; returning from here sets the request and its context free
	})
}

// echo answers each message with itself. Pings and Close frames are as the embedded handler has them.
type echo struct{ gws.BuiltinEventHandler }

func (echo) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	if err := c.WriteMessage(m.Opcode, m.Bytes()); err != nil {
		c.WriteClose(1011, nil)
	}
}

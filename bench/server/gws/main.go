// Command gws is an echo server on github.com/lxzan/gws, written as its README shows, but for two things: messages
// are handled in order, since an echo that overtakes another is no echo of the stream; and compression is off unless asked for.
//
//	gws -addr HOST:PORT [-compression off|message|takeover]
//
// All but the takeover of either end is as the package has it: messages are compressed from 512 bytes, with context takeover all of them,
// and the windows are then 4 KiB.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/lxzan/gws"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

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
	var opts gws.ServerOption
	switch compression {
	case "off":
	case "message":
		opts.PermessageDeflate = gws.PermessageDeflate{Enabled: true}
	case "takeover":
		opts.PermessageDeflate = gws.PermessageDeflate{Enabled: true, ServerContextTakeover: true, ClientContextTakeover: true}
	default:
		return nil, fmt.Errorf("-compression %q; want off, message or takeover", compression)
	}
	upgrader := gws.NewUpgrader(echo{}, &opts)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		go c.ReadLoop() // ends with the connection; returning from here sets the request and its context free
	}), nil
}

// echo answers each message with itself. Pings and Close frames are as the embedded handler has them.
type echo struct{ gws.BuiltinEventHandler }

func (echo) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	if err := c.WriteMessage(m.Opcode, m.Bytes()); err != nil {
		c.WriteClose(1011, nil)
	}
}

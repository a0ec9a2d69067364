// Command laminar is an echo server on laminar, written as its documentation shows.
//
//	laminar -addr HOST:PORT [-mode read|nethttp|events|loop] [-loops N] [-workers N] [-sleepy] [-cert FILE -key FILE]
//	        [-compression off|message|takeover|dedicated] [-window-bits N]
//
// In the modes read and nethttp, net/http reads the opening handshakes. Then in mode read, its goroutine reads the connection with Conn.Read; in mode
// nethttp, server.Handler serves the connection on a goroutine of its own, which calls OnMessage. In the modes events and loop, server.Server reads
// the handshakes, without net/http: in mode events it has a goroutine per connection, in mode loop N event loops, and N workers that
// run the handlers, or none.
//
// With -sleepy, the echo of a text message "sleep" comes a second late: its handler sleeps.
//
// With compression takeover, connections borrow a compressor for each message; dedicated is the same with a compressor for each connection. Every
// message is compressed, whatever its length. With window-bits, both directions have windows of 2^N bytes at most.
//
// A GET of /memory tells what the process holds: see memory.go.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	certFile := flag.String("cert", "", "`file` of the certificate, PEM; with -key, connections are TLS")
	keyFile := flag.String("key", "", "`file` of its key, PEM")
	var c config
	flag.StringVar(&c.mode, "mode", "read", "read, nethttp, events or loop")
	flag.IntVar(&c.loops, "loops", 1, "event loops in mode loop; -1: one per core")
	flag.IntVar(&c.workers, "workers", 0, "goroutines that run the handlers in mode loop; 0: the loops do")
	flag.BoolVar(&c.sleepy, "sleepy", false, "the handler of a text message \"sleep\" does so for a second")
	flag.StringVar(&c.compression, "compression", "off", "off, message, takeover or dedicated")
	flag.IntVar(&c.bits, "window-bits", 0, "8 to 15; 0: 15")
	flag.Parse()
	s, err := c.service()
	if err != nil {
		log.Fatal(err)
	}
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	if *certFile != "" || *keyFile != "" {
		log.Fatal(s.ServeTLS(ln, *certFile, *keyFile))
	}
	log.Fatal(s.Serve(ln))
}

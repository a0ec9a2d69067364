// Command tcp echoes bytes over bare TCP, a goroutine and a buffer per connection. It is no WebSocket server: it shows what
// reading and writing alone cost through Go's net package, one write per read.
//
//	tcp -addr HOST:PORT
package main

import (
	"flag"
	"log"
	"net"
	"os"

	"github.com/laminar-ws/laminar/bench/server/internal/announce"
)

// bufferSize is what one read takes at most, in bytes: a window of 64 messages of 128 bytes, and room.
const bufferSize = 16 << 10

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	flag.Parse()
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(ln))
}

// serve echoes on every connection until accepting fails.
func serve(ln net.Listener) error {
	for {
		nc, err := ln.Accept()
		if err != nil {
			return err
		}
		go echo(nc) // ends with the connection
	}
}

func echo(nc net.Conn) {
	defer nc.Close()
	buf := make([]byte, bufferSize)
	for {
		n, err := nc.Read(buf)
		if err != nil {
			return
		}
		if _, err := nc.Write(buf[:n]); err != nil {
			return
		}
	}
}

// Command laminar is an echo server on laminar, written as its documentation shows.
//
//	laminar -addr HOST:PORT [-mode read|events]
//
// In mode read, net/http's goroutine reads each connection with Conn.Read; in mode events, the connection has a
// goroutine of its own that calls OnMessage.
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
	"github.com/laminar-ws/laminar/server"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "`host:port` to listen on")
	mode := flag.String("mode", "read", "read or events")
	flag.Parse()
	h, err := handler(*mode)
	if err != nil {
		log.Fatal(err)
	}
	ln, err := announce.Listen(*addr, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(ln, h))
}

// handler returns the echo of the mode named.
func handler(mode string) (http.Handler, error) {
	switch mode {
	case "read":
		return http.HandlerFunc(read), nil
	case "events":
		return server.Handler(&conn.Events{OnMessage: echo}, nil), nil
	}
	return nil, fmt.Errorf("-mode %q; want read or events", mode)
}

func read(w http.ResponseWriter, r *http.Request) {
	c, err := server.Accept(w, r, nil)
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

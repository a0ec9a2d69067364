package main

import (
	"context"
	"net/http"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// nap is how long the handler of a text message "sleep" takes.
const nap = time.Second

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

// sleepyEcho is echo that takes its time where it is asked to.
func sleepyEcho(c *conn.Conn, m conn.Message) {
	if m.Op == frame.Text && string(m.Data) == "sleep" {
		time.Sleep(nap)
	}
	echo(c, m)
}

package main

import (
	"context"

	"github.com/laminar-ws/laminar/conn"
)

// echoes are the ways, by mode, to send every message back until the connection ends. They return why it ended.
var echoes = map[string]func(ctx context.Context, c *conn.Conn) error{
	"read":   readEcho,
	"events": eventsEcho,
}

func readEcho(ctx context.Context, c *conn.Conn) error {
	for {
		m, err := c.Read(ctx)
		if err == nil {
			err = c.Write(ctx, m.Op, m.Data)
		}
		if err != nil {
			return err
		}
	}
}

func eventsEcho(ctx context.Context, c *conn.Conn) error {
	return c.Serve(ctx, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
		c.Write(ctx, m.Op, m.Data) // an error ends the connection, and Serve returns it
	}})
}

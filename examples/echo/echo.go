package main

import (
	"context"
	"fmt"
	"os"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
)

// readEcho is the echo as a loop that reads and writes.
func readEcho(c *conn.Conn) {
	ctx := context.Background()
	for {
		m, err := c.Read(ctx)
		if err == nil {
			err = c.Write(ctx, m.Op, m.Data)
		}
		if err != nil {
			logClosed(c, err)
			return
		}
	}
}

// eventsEcho is the echo as functions that are called.
var eventsEcho = &conn.Events{
	OnMessage: func(c *conn.Conn, m conn.Message) {
		c.Write(context.Background(), m.Op, m.Data) // an error ends the connection, which OnClose reports
	},
	OnClose: logClosed,
}

// logClosed writes the code and the reason with which a connection ended; 1006 is one that was lost.
func logClosed(_ *conn.Conn, err error) {
	if e, ok := err.(*conn.CloseError); ok && e.Code != closecode.AbnormalClosure {
		fmt.Fprintf(os.Stderr, "closed %d %s\n", uint16(e.Code), e.Reason)
		return
	}
	code, ok := closecode.Of(err)
	if !ok {
		code = closecode.AbnormalClosure
	}
	fmt.Fprintf(os.Stderr, "closed %d %v\n", uint16(code), err)
}

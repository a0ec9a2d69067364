package conn_test

import (
	"errors"
	"net"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestCompression_firstOfAll: the first compressed message of a connection meets other calls that make what a connection has only where it needs it. The
// end that one of them brings is not lost.
func TestCompression_firstOfAll(t *testing.T) {
	long := []byte(proseOf(20_000))
	for name, send := range map[string]func(c *conn.Conn) error{
		"Write":      func(c *conn.Conn) error { return c.Write(t0, frame.Text, long[:1000]) },
		"long Write": func(c *conn.Conn) error { return c.Write(t0, frame.Text, long) },
		"NextWriter": func(c *conn.Conn) error { return sendStream(c, long) },
	} {
		for _, driven := range []bool{false, true} {
			for range 100 {
				var c *conn.Conn
				if driven {
					c = overWire(t, frame.Server, inContext.options(), nil, -1).c
				} else {
					c, _ = pipeLink.peered(t, frame.Server, inContext.options())
				}
				sent := inBackground(func() error { return send(c) })
				c.Close()
				if err := sent(); err != nil && !errors.Is(err, net.ErrClosed) {
					t.Errorf("%s: %v; want the end", name, err)
				}
				if err := c.Write(t0, frame.Text, nil); !errors.Is(err, net.ErrClosed) {
					t.Fatalf("%s: Write after Close: %v; want the end", name, err)
				}
			}
		}
	}
}

package server_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// A function that panics or ends its goroutine ends its connection, with 1011 where that is still open. OnClose is called once, others on the same loop go on, and the
// goroutines are as many as before.
func TestLoops_thrown(t *testing.T) {
	for _, tt := range []struct {
		function string
		send     string // makes it be called
	}{
		{"OnOpen", ""},
		{"OnMessage", masked(0x81, "x")},
		{"OnPing", masked(0x89, "x")},
		{"OnPong", masked(0x8a, "x")},
		{"OnDrain", masked(0x81, "much")},
		{"OnClose", masked(0x88, "\x03\xe8")},
	} {
		for _, how := range []string{"panic", "Goexit"} {
			t.Run(tt.function+"/"+how, func(t *testing.T) {
				forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
					thrown(t, m, serve, tt.function, how, tt.send)
				})
			})
		}
	}
}

func thrown(t *testing.T, m mode, serve func(*server.Server) (addr string), function, how, send string) {
	var log lockedBuffer
	closed := make(chan error, 10)
	full := make(chan struct{})
	throw := func(c *conn.Conn, where string) {
		switch {
		case c.Subprotocol() != "victim" || where != function:
		case how == "panic":
			panic("thrown in " + function)
		default:
			runtime.Goexit()
		}
	}
	m.loops, m.workers = 1, min(m.workers, 1)
	s := m.serve(&server.Server{
		Options: &server.Options{
			Subprotocols: []string{"victim"},
			Conn:         conn.Options{ErrorLog: slog.New(slog.NewTextHandler(&log, nil)), WriteQueue: -1, HighWater: -1},
		},
		Events: &conn.Events{
			OnOpen: func(c *conn.Conn) { throw(c, "OnOpen") },
			OnMessage: func(c *conn.Conn, m conn.Message) {
				throw(c, "OnMessage")
				if string(m.Data) == "much" {
					for c.Buffered() == 0 {
						c.Write(context.Background(), frame.Binary, make([]byte, 1<<20))
					}
					close(full)
					return
				}
				c.Write(context.Background(), m.Op, m.Data)
			},
			OnPing:  func(c *conn.Conn, p []byte) { throw(c, "OnPing") },
			OnPong:  func(c *conn.Conn, p []byte) { throw(c, "OnPong") },
			OnDrain: func(c *conn.Conn) { throw(c, "OnDrain") },
			OnClose: func(c *conn.Conn, err error) {
				if c.Subprotocol() == "victim" {
					closed <- err
				}
				throw(c, "OnClose")
			},
		},
	})
	addr := serve(s)
	p := connect(t, addr)
	p.send(request("Sec-WebSocket-Protocol: victim\r\n"))
	p.upgraded(t)
	other := open(t, addr)
	p.send(send)
	if function == "OnDrain" {
		<-full
	}
	if function != "OnClose" {
		for {
			h, b := p.frame(t)
			if h.Opcode == frame.Close {
				if !bytes.HasPrefix(b, []byte("\x03\xf3")) {
					t.Errorf("got a Close frame with %q; want 1011", b)
				}
				break
			}
		}
		p.send(masked(0x88, "\x03\xf3"))
	}
	io.Copy(io.Discard, p.r)
	p.Close()
	<-closed
	other.send(masked(0x81, "alive"))
	other.wants(t, "\x81\x05alive")
	third := open(t, addr)
	third.send(masked(0x81, "new"))
	third.wants(t, "\x81\x03new")
	other.Close()
	third.Close()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if len(closed) > 0 {
		t.Error("OnClose was called again")
	}
	if got := log.String(); how == "panic" && !strings.Contains(got, "thrown in "+function) {
		t.Errorf("the log has %q", got)
	}
}

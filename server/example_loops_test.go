package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// Connections that cost no goroutine: an event loop for each processor drives them all.
func ExampleServer_loops() {
	s := &server.Server{
		Loops: -1,
		Events: &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) },
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Serve(l)
	defer s.Shutdown(context.Background())

	say("ws://"+l.Addr().String(), "hello")
	// Output: hello
}

// Handlers that take their time, beside an event loop: up to 100 of them at once, in order for each connection.
func ExampleServer_workers() {
	s := &server.Server{
		Loops:   1,
		Workers: 100,
		Events: &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) {
				answer := lookUp(string(m.Data)) // waits for a database, say
				c.Write(context.Background(), frame.Text, []byte(answer))
			},
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Serve(l)
	defer s.Shutdown(context.Background())

	say("ws://"+l.Addr().String(), "hello")
	// Output: HELLO
}

func lookUp(s string) string { return strings.ToUpper(s) }

// A handler of net/http whose connections move to event loops.
func ExampleServer_Adopt() {
	s := &server.Server{
		Loops: -1,
		Events: &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) },
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		c, err := server.Accept(w, r, nil)
		if err != nil {
			return // the client was told
		}
		s.Adopt(c, nil)
	})
	site := httptest.NewServer(mux)
	defer site.Close()
	defer s.Shutdown(context.Background()) // which site knows nothing of

	say("ws"+site.URL[len("http"):]+"/echo", "hello")
	// Output: hello
}

package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// say sends text to the server at url, prints the reply and closes the connection.
func say(url, text string) {
	ctx := context.Background()
	c, err := client.Dial(ctx, url, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	if err := c.Write(ctx, frame.Text, []byte(text)); err != nil {
		fmt.Println(err)
		return
	}
	if m, err := c.Read(ctx); err == nil {
		fmt.Printf("%s\n", m.Data)
	}
	c.Shutdown(ctx, closecode.NormalClosure, "")
}

// An echo in a handler of net/http, with a loop that reads.
func ExampleAccept() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := server.Accept(w, r, nil)
		if err != nil {
			return // the client was told
		}
		defer c.Close()
		for m, err := range c.Messages(r.Context()) {
			if err != nil || c.Write(r.Context(), m.Op, m.Data) != nil {
				return
			}
		}
	}))
	defer site.Close()

	say("ws"+site.URL[len("http"):], "hello")
	// Output: hello
}

// The same with functions that are called, for pages of this origin and of two others.
func ExampleHandler() {
	events := &conn.Events{
		OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) },
	}
	mux := http.NewServeMux()
	mux.Handle("/echo", server.Handler(events, &server.Options{
		Origins: []string{"app.example.com", "*.partner.example"},
	}))
	site := httptest.NewServer(mux)
	defer site.Close()

	say("ws"+site.URL[len("http"):]+"/echo", "hello")
	// Output: hello
}

// A handshake on a bare connection, without net/http.
func ExampleUpgrade() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		c, err := server.Upgrade(context.Background(), nc, nil)
		if err != nil {
			return // the client was told, and nc is closed
		}
		c.Write(context.Background(), frame.Text, []byte("welcome"))
		c.Shutdown(context.Background(), closecode.NormalClosure, "")
	}()

	say("ws://"+l.Addr().String(), "hello")
	// Output: welcome
}

// A server with a page besides the WebSocket, and its orderly end.
func ExampleServer() {
	s := &server.Server{
		Handle: func(c *conn.Conn) {
			for m, err := range c.Messages(context.Background()) {
				if err != nil || c.Write(context.Background(), m.Op, m.Data) != nil {
					return
				}
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "a page") }),
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- s.Serve(l) }()

	ctx := context.Background()
	c, err := client.Dial(ctx, "ws://"+l.Addr().String(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Shutdown(ctx)
	_, err = c.Read(ctx)
	fmt.Println(err)
	fmt.Println(errors.Is(<-served, http.ErrServerClosed))
	// Output:
	// websocket: closed by the peer: 1001 going away
	// true
}

package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// echo sends back what it receives, over the subprotocol "echo" where the client asks for it.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := server.Accept(w, r, &server.Options{Subprotocols: []string{"echo"}})
	if err != nil {
		return
	}
	defer c.Close()
	for m, err := range c.Messages(context.Background()) {
		if err != nil || c.Write(context.Background(), m.Op, m.Data) != nil {
			return
		}
	}
}

func ExampleDial() {
	site := httptest.NewServer(http.HandlerFunc(echo))
	defer site.Close()
	url := "ws" + site.URL[len("http"):]

	ctx := context.Background()
	c, err := client.Dial(ctx, url, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	if err := c.Write(ctx, frame.Text, []byte("hello")); err != nil {
		fmt.Println(err)
		return
	}
	m, err := c.Read(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v: %s\n", m.Op, m.Data)
	fmt.Println(c.Shutdown(ctx, closecode.NormalClosure, "that was all"))
	// Output:
	// text: hello
	// <nil>
}

// A wss URL and a certificate of the site's own, a field of the request and a subprotocol.
func ExampleDial_options() {
	site := httptest.NewTLSServer(http.HandlerFunc(echo))
	defer site.Close()
	url := "wss" + site.URL[len("https"):]

	opts := &client.Options{
		Header:       http.Header{"Authorization": {"Bearer 123"}},
		Subprotocols: []string{"echo", "chat"},
		TLSConfig:    site.Client().Transport.(*http.Transport).TLSClientConfig,
	}
	c, err := client.Dial(context.Background(), url, opts)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println("speaks", c.Subprotocol())
	// Output: speaks echo
}

// Compression that keeps its context from message to message, with a server that agrees to it.
func ExampleDial_compression() {
	events := &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) }}
	compression := &deflate.Options{ContextTakeover: true}
	site := httptest.NewServer(server.Handler(events, &server.Options{Compression: compression}))
	defer site.Close()

	c, err := client.Dial(context.Background(), "ws"+site.URL[len("http"):], &client.Options{Compression: compression})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	agreed, ok := c.Compression()
	fmt.Println(ok, agreed.Server().ContextTakeover, agreed.Client().ContextTakeover)
	// Output: true true true
}

// What the server answered instead of agreeing is in the error.
func ExampleRefusedError() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "closed for lunch", http.StatusServiceUnavailable)
	}))
	defer site.Close()

	_, err := client.Dial(context.Background(), "ws"+site.URL[len("http"):], nil)
	if refused, ok := errors.AsType[*client.RefusedError](err); ok {
		fmt.Printf("%d, %s, %s", refused.Status, refused.Header.Get("Retry-After"), refused.Body)
	}
	// Output: 503, 30, closed for lunch
}

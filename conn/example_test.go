package conn_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// A connection over a transport of one's own, on which the opening handshake is done: here a socket between two parts of one program that
// agreed on everything before.
func ExampleNew() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer ln.Close()
	near, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	far, err := ln.Accept()
	if err != nil {
		log.Fatal(err)
	}

	client := conn.New(near, frame.Client, nil)
	defer client.Close()
	server := conn.New(far, frame.Server, &conn.Options{MaxMessage: 64 << 10})
	defer server.Close()

	ctx := context.Background()
	if err := client.Write(ctx, frame.Text, []byte("over a socket")); err != nil {
		log.Fatal(err)
	}
	m, err := server.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Op, string(m.Data))
	// Output: text over a socket
}

// A loop that answers until the peer closes. The reply may be made of the message itself: Write does not keep it.
func ExampleConn_Read() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			m, err := server.Read(ctx)
			if err != nil {
				fmt.Println("server:", err)
				return
			}
			if err := server.Write(ctx, m.Op, m.Data); err != nil {
				return
			}
		}
	})

	client.Write(ctx, frame.Text, []byte("Hello"))
	m, err := client.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("client:", string(m.Data))
	client.Shutdown(ctx, closecode.NormalClosure, "done")
	wg.Wait()
	// Output:
	// client: Hello
	// server: websocket: closed by the peer: 1000 normal closure: "done"
}

// A Read that its context ends takes nothing away: the next one goes on where it stopped.
func ExampleConn_Read_cancelled() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	defer server.Close()

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := server.Read(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))

	client.Write(context.Background(), frame.Text, []byte("late"))
	m, err := server.Read(context.Background())
	fmt.Println(string(m.Data), err)
	// Output:
	// true
	// late <nil>
}

// The loop ends by itself where the peer closes as it should.
func ExampleConn_Messages() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() {
		for m, err := range server.Messages(ctx) {
			if err != nil {
				fmt.Println(err)
				return
			}
			fmt.Println(m.Op, len(m.Data))
		}
	})
	client.Write(ctx, frame.Text, []byte("Hello"))
	client.Write(ctx, frame.Binary, make([]byte, 1000))
	client.Shutdown(ctx, closecode.NormalClosure, "")
	wg.Wait()
	// Output:
	// text 5
	// binary 1000
}

// Functions that are called for what comes, on the goroutine that called Serve.
func ExampleConn_Serve() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() {
		server.Serve(ctx, &conn.Events{
			OnOpen: func(c *conn.Conn) { c.Write(ctx, frame.Text, []byte("welcome")) },
			OnMessage: func(c *conn.Conn, m conn.Message) {
				c.Write(ctx, m.Op, []byte(strings.ToUpper(string(m.Data))))
			},
			OnClose: func(c *conn.Conn, err error) {
				code, _ := closecode.Of(err)
				fmt.Println("ended with", code)
			},
		})
	})

	for _, word := range []string{"one", "two"} {
		client.Write(ctx, frame.Text, []byte(word))
	}
	for range 3 {
		m, err := client.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(m.Data))
	}
	client.Shutdown(ctx, closecode.GoingAway, "")
	wg.Wait()
	// Output:
	// welcome
	// ONE
	// TWO
	// ended with 1001 going away
}

// Messages are written whole, from any number of goroutines.
func ExampleConn_Write() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	defer server.Close()
	ctx := context.Background()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if err := client.Write(ctx, frame.Text, []byte("one of three")); err != nil {
				log.Print(err)
			}
		})
	}
	wg.Wait()
	for range 3 {
		m, err := server.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(m.Data))
	}
	// Output:
	// one of three
	// one of three
	// one of three
}

// The pong is seen by whoever reads.
func ExampleConn_Ping() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	var wg sync.WaitGroup
	for _, c := range []*conn.Conn{client, server} {
		wg.Go(func() { c.Serve(ctx, nil) })
	}

	trip, err := client.Ping(ctx)
	fmt.Println(trip < time.Minute, err)
	client.Shutdown(ctx, closecode.NormalClosure, "")
	wg.Wait()
	// Output: true <nil>
}

// Shutdown waits for the peer's answer, at most as long as its context and Options.CloseTimeout allow. The peer learns code and reason.
func ExampleConn_Shutdown() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := client.Read(ctx)
		if e, ok := errors.AsType[*conn.CloseError](err); ok {
			fmt.Println("client:", e.Code, e.Reason, e.Remote)
		}
	})
	err := server.Shutdown(ctx, closecode.ServiceRestart, "back in a minute")
	fmt.Println("server:", err)
	wg.Wait()

	// The connection is over now, and stays so.
	fmt.Println(errors.Is(server.Write(ctx, frame.Text, nil), net.ErrClosed))
	// Unordered output:
	// client: 1012 service restart back in a minute true
	// server: <nil>
	// true
}

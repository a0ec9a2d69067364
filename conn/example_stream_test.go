package conn_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// A message that is used as it arrives may be longer than the memory at hand.
func ExampleConn_NextReader() {
	client, server := conn.Pipe(nil, &conn.Options{MaxMessage: 1 << 30})
	defer client.Close()
	defer server.Close()
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() { client.Write(ctx, frame.Binary, make([]byte, 5_000_000)) })

	op, r, err := server.NextReader(ctx)
	if err != nil {
		log.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	fmt.Println(op, n, err)
	wg.Wait()
	// Output: binary 5000000 <nil>
}

// A message whose length is not known when it begins.
func ExampleConn_NextWriter() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	defer server.Close()
	ctx := context.Background()

	w, err := client.NextWriter(ctx, frame.Text)
	if err != nil {
		log.Fatal(err)
	}
	for i := range 5 {
		fmt.Fprintf(w, "line %d\n", i)
	}
	if err := w.Close(); err != nil { // the message ends here
		log.Fatal(err)
	}

	m, err := server.Read(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Op, strings.Count(string(m.Data), "\n"), "lines")
	// Output: text 5 lines
}

// The ends of a Pipe hold 64 KiB each way, so a test that says little needs no second goroutine.
func ExamplePipe() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	defer server.Close()
	ctx := context.Background()
	client.Write(ctx, frame.Text, []byte("question"))
	m, _ := server.Read(ctx)
	fmt.Println(string(m.Data))
	server.Write(ctx, frame.Text, []byte("answer"))
	m, _ = client.Read(ctx)
	fmt.Println(string(m.Data))
	// Output:
	// question
	// answer
}

// A protocol that wants a stream of bytes, with deadlines, gets one.
func ExampleNetConn() {
	client, server := conn.Pipe(nil, nil)
	near, far := conn.NetConn(client, frame.Binary), conn.NetConn(server, frame.Binary)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer near.Close()
		near.SetWriteDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(near, "the borders of ")
		io.WriteString(near, "messages are lost")
	})
	got, err := io.ReadAll(far)
	fmt.Println(string(got), err)
	wg.Wait()
	far.Close()
	// Output: the borders of messages are lost <nil>
}

// What is to be kept for longer than a message is valid is copied.
func ExampleMessage_Clone() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	defer server.Close()
	ctx := context.Background()
	var kept [][]byte
	for _, word := range []string{"first", "second"} {
		client.Write(ctx, frame.Text, []byte(word))
		m, err := server.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		kept = append(kept, m.Clone())
	}
	fmt.Printf("%s\n", kept)
	// Output: [first second]
}

// Or, where another goroutine works on it and gives it back, taken over without a copy.
func ExampleMessage_Detach() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	work := make(chan *bufpool.Buffer)
	var wg sync.WaitGroup
	wg.Go(func() {
		for b := range work {
			fmt.Println(len(b.B), "bytes")
			b.Release()
		}
	})
	wg.Go(func() {
		defer close(work)
		for m, err := range server.Messages(ctx) {
			if err != nil {
				fmt.Println(err)
				return
			}
			work <- m.Detach()
		}
	})
	for _, n := range []int{10, 20_000} {
		client.Write(ctx, frame.Binary, make([]byte, n))
	}
	client.Shutdown(ctx, closecode.NormalClosure, "")
	wg.Wait()
	// Output:
	// 10 bytes
	// 20000 bytes
}

// Bytes that came in behind an opening handshake, and were read with it, are the first of the connection.
func ExampleConn_Unread() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	defer server.Close()
	client.Unread([]byte("\x81\x05early"))
	m, err := client.Read(context.Background())
	fmt.Println(m.Op, string(m.Data), err)
	// Output: text early <nil>
}

// A heartbeat that asks for no answer, and pings whose pongs a function gets.
func ExampleConn_WritePing() {
	client, server := conn.Pipe(nil, nil)
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() {
		server.Serve(ctx, &conn.Events{
			OnPing: func(_ *conn.Conn, p []byte) { fmt.Printf("server: ping %s\n", p) },
			OnPong: func(_ *conn.Conn, p []byte) { fmt.Printf("server: pong %s\n", p) },
		})
	})
	client.WritePong([]byte("still here"))
	client.WritePing([]byte("17"))
	client.Serve(ctx, &conn.Events{OnPong: func(c *conn.Conn, p []byte) {
		fmt.Printf("client: pong %s\n", p)
		c.Shutdown(ctx, closecode.NormalClosure, "")
	}})
	wg.Wait()
	// Unordered output:
	// server: pong still here
	// server: ping 17
	// client: pong 17
}

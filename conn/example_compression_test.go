package conn_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// agreed is what packages client and server find out in the opening handshake; here both ends are made by hand.
var agreed = &conn.Options{Compression: deflate.Agreement{Active: true, Options: deflate.Options{ContextTakeover: true}}}

// What is compressed already is not worth a second try. What mixes a secret with words that a stranger may choose must not be compressed
// where that stranger can see how long it becomes.
func ExampleConn_WriteAs() {
	client, server := conn.Pipe(agreed, agreed)
	defer client.Close()
	defer server.Close()
	ctx := context.Background()
	if err := server.WriteAs(ctx, frame.Binary, []byte("\x89PNG..."), conn.Plain); err != nil {
		log.Fatal(err)
	}
	if err := server.WriteAs(ctx, frame.Text, []byte("short, but like many others"), conn.Compressed); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		m, err := client.Read(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v %q\n", m.Op, m.Data)
	}
	// Output:
	// binary "\x89PNG..."
	// text "short, but like many others"
}

// A stream that is compressed from its first byte on.
func ExampleConn_NextWriterAs() {
	client, server := conn.Pipe(agreed, agreed)
	defer client.Close()
	defer server.Close()
	ctx := context.Background()
	w, err := server.NextWriterAs(ctx, frame.Text, conn.Compressed)
	if err != nil {
		log.Fatal(err)
	}
	for i := range 3 {
		fmt.Fprintf(w, "line %d\n", i)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	m, err := client.Read(ctx)
	fmt.Print(string(m.Data), err)
	// Output:
	// line 0
	// line 1
	// line 2
	// <nil>
}

// One message for many connections is compressed once for those that have agreed on the same.
func ExampleConn_WritePrepared() {
	news, err := conn.NewPrepared(frame.Text, []byte(strings.Repeat("news ", 200)))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for _, opts := range []*conn.Options{agreed, agreed, nil} {
		client, server := conn.Pipe(opts, opts)
		defer client.Close()
		defer server.Close()
		if err := server.WritePrepared(ctx, news); err != nil {
			log.Fatal(err)
		}
		m, err := client.Read(ctx)
		fmt.Println(m.Op, len(m.Data), err)
	}
	// Output:
	// text 1000 <nil>
	// text 1000 <nil>
	// text 1000 <nil>
}

func ExampleConn_Compression() {
	client, server := conn.Pipe(agreed, nil)
	defer client.Close()
	defer server.Close()
	p, ok := client.Compression()
	fmt.Println(ok, p.Client().ContextTakeover)
	_, ok = server.Compression()
	fmt.Println(ok)
	// Output:
	// true true
	// false
}

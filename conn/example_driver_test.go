package conn_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// records is a transport that is no socket: what is written becomes records, as of a message queue or of a file. A real one takes no more than it can without
// waiting, and returns conn.ErrWouldBlock for the rest.
type records struct{ sent chan []byte }

func (r *records) Write(p []byte) (int, error) {
	select {
	case r.sent <- append([]byte(nil), p...):
		return len(p), nil
	default:
		return 0, conn.ErrWouldBlock
	}
}

func (r *records) Close() error {
	close(r.sent) // the owner calls End when it sees that
	return nil
}

// A server's end that is fed from a channel of byte slices. The owner is the goroutine that receives from it.
func ExampleNewDriver() {
	arriving := make(chan []byte, 8)
	arriving <- []byte{0x81, 0x85, 0, 0, 0, 0, 'H', 'e', 'l'} // a text message in two records, its masking key 0
	arriving <- []byte{'l', 'o'}
	arriving <- []byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8} // a Close with code 1000
	close(arriving)

	transport := &records{sent: make(chan []byte, 8)}
	d := conn.NewDriver(transport, frame.Server, &conn.Events{
		OnOpen:    func(*conn.Conn) { fmt.Println("open") },
		OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) },
		OnClose:   func(_ *conn.Conn, err error) { fmt.Println("end:", err) },
	}, nil)
	d.Feed(nil) // calls OnOpen
	for b := range arriving {
		d.Feed(b)
	}
	d.End(io.EOF) // the peer's side is closed
	for b := range transport.sent {
		fmt.Printf("% x\n", b)
	}
	// Output:
	// open
	// end: websocket: closed by the peer: 1000 normal closure
	// 81 05 48 65 6c 6c 6f
	// 88 02 03 e8
}

// slow is a transport that takes as many bytes as there is room for.
type slow struct {
	strings.Builder
	room int
}

func (s *slow) Write(p []byte) (int, error) {
	n := min(s.room, len(p))
	s.room -= n
	s.Builder.Write(p[:n])
	if n < len(p) {
		return n, conn.ErrWouldBlock
	}
	return n, nil
}

func (s *slow) Close() error { return nil }

// A peer that reads slowly costs no more memory than its queue, and its messages are not read while more than HighWater bytes wait for it.
func ExampleDriver_Writable() {
	transport := &slow{room: 10}
	d := conn.NewDriver(transport, frame.Server, &conn.Events{
		OnDrain: func(*conn.Conn) { fmt.Println("all has left") },
		OnMessage: func(_ *conn.Conn, m conn.Message) {
			fmt.Printf("message %q\n", m.Data)
		},
	}, &conn.Options{HighWater: 1000})
	d.Feed(nil)
	d.Conn().Write(context.Background(), frame.Binary, make([]byte, 2000))

	fmt.Println("paused:", d.Paused())
	d.Feed([]byte{0x81, 0x82, 0, 0, 0, 0, 'h', 'i'}) // had been read already
	fmt.Println("paused:", d.Paused())

	transport.room = 5000 // the event loop's poller says so
	d.Writable()
	fmt.Println("paused:", d.Paused())
	// Output:
	// paused: false
	// paused: true
	// all has left
	// message "hi"
	// paused: false
}

// A writer that would rather know than have its messages dropped, or the connection closed.
func ExampleErrQueueFull() {
	transport := &slow{room: 0}
	again := false
	d := conn.NewDriver(transport, frame.Server, &conn.Events{
		OnDrain: func(c *conn.Conn) { again = true },
	}, &conn.Options{WriteQueue: 1000, WhenFull: conn.FullError})
	d.Feed(nil)
	for i := range 10 {
		err := d.Conn().Write(context.Background(), frame.Binary, make([]byte, 300))
		if errors.Is(err, conn.ErrQueueFull) {
			fmt.Println("message", i, "has to wait for OnDrain")
			break
		}
	}
	transport.room = 5000
	d.Writable()
	fmt.Println("may be sent again:", again)
	// Output:
	// message 3 has to wait for OnDrain
	// may be sent again: true
}

// Prices, of which the latest matter: the oldest are dropped where the peer reads too slowly.
func ExampleConn_Buffered() {
	transport := &slow{room: 0}
	d := conn.NewDriver(transport, frame.Server, nil, &conn.Options{WriteQueue: 1000, WhenFull: conn.FullDropOldest})
	c := d.Conn()
	for i := range 20 {
		c.Write(context.Background(), frame.Text, fmt.Appendf(nil, "price %2d", i))
	}
	fmt.Println(c.Buffered(), "bytes wait,", c.Dropped(), "messages were dropped")
	transport.room = 5000
	d.Writable()
	fmt.Println(c.Buffered(), "bytes wait")
	sent := transport.String()
	fmt.Printf("the first is %q, then %q\n", sent[2:10], sent[12:20])
	// Output:
	// 66 bytes wait, 12 messages were dropped
	// 0 bytes wait
	// the first is "price  0", then "price 13"
}

// From a function of Events on an event loop, Shutdown does not wait. Driver.Shutdown is for the loop itself, as when the program ends.
func ExampleDriver_Shutdown() {
	transport := &records{sent: make(chan []byte, 8)}
	d := conn.NewDriver(transport, frame.Server, &conn.Events{
		OnClose: func(_ *conn.Conn, err error) { fmt.Println("end:", err) },
	}, nil)
	d.Feed(nil)
	d.Shutdown(context.Background(), closecode.GoingAway, "restart")
	fmt.Printf("%q\n", <-transport.sent)
	d.Feed([]byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9}) // the peer's answer
	d.End(io.EOF)
	// Output:
	// "\x88\t\x03\xe9restart"
	// end: websocket: closed by this side: 1001 going away: "restart"
}

// A connection that was read by a goroutine goes over to an event loop.
func ExampleConn_Drive() {
	client, server := conn.Pipe(nil, nil)
	defer client.Close()
	go client.Write(context.Background(), frame.Text, []byte("a token"))
	m, err := server.Read(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, read by a goroutine\n", m.Data)

	transport := &records{sent: make(chan []byte, 8)}
	d, err := server.Drive(transport, &conn.Events{
		OnMessage: func(_ *conn.Conn, m conn.Message) { fmt.Printf("%s, fed\n", m.Data) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	d.Feed([]byte{0x81, 0x82, 0, 0, 0, 0, 'h', 'i'})
	// Output:
	// a token, read by a goroutine
	// hi, fed
}

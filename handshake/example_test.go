package handshake_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/laminar-ws/laminar/handshake"
)

// readHead reads until parse has seen a whole head, and returns what came behind it too.
func readHead[T any](r io.Reader, parse func(*handshake.HeadScanner, []byte) (T, int, error)) (head T, rest []byte, err error) {
	var s handshake.HeadScanner
	buf := make([]byte, 0, handshake.MaxHeadBytes)
	for {
		n, readErr := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		head, end, err := parse(&s, buf)
		if err != io.ErrUnexpectedEOF {
			return head, buf[end:], err
		}
		if readErr != nil {
			return head, nil, readErr
		}
	}
}

// Both halves over a connection in memory.
func Example() {
	client, server := net.Pipe()
	defer client.Close()

	go func() { // ends with the connection
		defer server.Close()
		offer, _, err := readHead(server, (*handshake.HeadScanner).ParseRequest)
		if reject, ok := errors.AsType[*handshake.RejectError](err); ok {
			server.Write(reject.Append(nil))
			return
		}
		if err != nil {
			return
		}
		answer := handshake.Answer{Subprotocol: offer.SelectSubprotocol([]string{"chat"})}
		server.Write(append(answer.Append(nil, offer.Key), "\x81\x02hi"...)) // frames may follow at once
	}()

	offer := handshake.Offer{
		Target:       "/room/1",
		Host:         "example.com",
		Key:          handshake.NewKey(),
		Subprotocols: []string{"chat", "mqtt"},
	}
	request, err := offer.Append(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	go io.Copy(client, bytes.NewReader(request)) // ends when the server has read it
	response, rest, err := readHead(client, (*handshake.HeadScanner).ParseResponse)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := offer.Check(response)
	fmt.Printf("%d, subprotocol %q, then %q, %v\n", response.StatusCode, answer.Subprotocol, rest, err)
	// Output:
	// 101, subprotocol "chat", then "\x81\x02hi", <nil>
}

package frame_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// The frames of any io.Reader: here of a file's worth of bytes that a server sent.
func ExampleNewReader() {
	stream := bytes.NewReader([]byte("\x01\x03Hel" + "\x89\x02hi" + "\x80\x02lo"))
	r := frame.NewReader(stream, frame.Validator{From: frame.Server, MaxFrame: 1 << 20})
	var message []byte
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println("fail the connection:", err)
			return
		}
		if h.Opcode.IsControl() {
			fmt.Println("between the fragments:", h.Opcode)
			continue // Next skips the payload
		}
		part, err := io.ReadAll(r) // bounded by MaxFrame; it is for the caller to bound the message
		if err != nil {
			fmt.Println("cut short:", err)
			return
		}
		message = append(message, part...)
		if h.Fin {
			fmt.Printf("message: %s\n", message)
		}
	}
	// Output:
	// between the fragments: ping
	// message: Hello
}

func ExampleNewWriter() {
	var stream bytes.Buffer
	w := frame.NewWriter(&stream, frame.Server)
	if err := w.WriteFrame(frame.Header{Opcode: frame.Text}, []byte("Hel")); err != nil {
		fmt.Println(err)
	}
	if err := w.WriteFrame(frame.Header{Fin: true, Opcode: frame.Continuation}, []byte("lo")); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%q\n", stream.Bytes())
	// Output: "\x01\x03Hel\x80\x02lo"
}

// A frame that the peer would have to refuse is not written, and the stream goes on.
func ExampleWriter_WriteFrame() {
	var stream bytes.Buffer
	w := frame.NewWriter(&stream, frame.Server)
	err := w.WriteFrame(frame.Header{Opcode: frame.Ping}, []byte("half a ping"))
	fmt.Println(err)
	fmt.Println(stream.Len(), "bytes written")
	err = w.WriteFrame(frame.Header{Fin: true, Opcode: frame.Ping}, nil)
	fmt.Println(err)
	fmt.Printf("%q\n", stream.Bytes())
	// Output:
	// websocket: control frame is fragmented (1002 protocol error, RFC 6455 section 5.5)
	// 0 bytes written
	// <nil>
	// "\x89\x00"
}

// serve echoes data, answers pings and closes as its peer asks, over whatever rw is: frames need no WebSocket handshake
// once both ends have agreed on them.
func serve(rw io.ReadWriter) error {
	r := frame.NewReader(rw, frame.Validator{From: frame.Client, MaxFrame: 64 << 10})
	w := frame.NewWriter(rw, frame.Server)
	for {
		h, err := r.Next()
		var payload []byte
		if err == nil {
			payload, err = io.ReadAll(r)
		}
		if err == nil && h.Opcode == frame.Close {
			if _, _, err = frame.ParseClose(payload); err == nil {
				return w.WriteFrame(h, payload)
			}
		}
		if code, ok := closecode.Of(err); ok { // the peer broke a rule: tell it which
			reason := frame.AppendClose(nil, code, "")
			return errors.Join(err, w.WriteFrame(frame.Header{Fin: true, Opcode: frame.Close}, reason))
		}
		if err != nil {
			return err
		}
		switch h.Opcode {
		case frame.Pong:
			continue
		case frame.Ping:
			h.Opcode = frame.Pong
		}
		if err := w.WriteFrame(h, payload); err != nil {
			return err
		}
	}
}

// Both ends of a transport of one's own, here a net.Pipe.
func Example_transport() {
	here, there := net.Pipe()
	defer here.Close()
	served := make(chan error, 1)
	go func() { // ends with the Close frame that is sent below, or with the pipe
		served <- serve(there)
		there.Close()
	}()

	w := frame.NewWriter(here, frame.Client)
	r := frame.NewReader(here, frame.Validator{From: frame.Server})
	for _, send := range []struct {
		h frame.Header
		p []byte
	}{
		{frame.Header{Fin: true, Opcode: frame.Text}, []byte("Hello")},
		{frame.Header{Fin: true, Opcode: frame.Ping}, []byte("still there?")},
		{frame.Header{Fin: true, Opcode: frame.Close}, frame.AppendClose(nil, closecode.NormalClosure, "done")},
	} {
		if err := w.WriteFrame(send.h, send.p); err != nil {
			fmt.Println(err)
			return
		}
		h, err := r.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := io.ReadAll(r)
		fmt.Printf("%v %q %v\n", h.Opcode, p, err)
	}
	fmt.Println("served:", <-served)
	_, err := r.Next()
	fmt.Println("then:", err)
	// Output:
	// text "Hello" <nil>
	// pong "still there?" <nil>
	// close "\x03\xe8done" <nil>
	// served: <nil>
	// then: EOF
}

package frame_test

import (
	"errors"
	"fmt"
	"io"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// A buffer that is filled as bytes come in is cut into frames: a header that is not whole and a payload that is not
// whole both wait, and the declared length is held to a limit before anything is done with it.
func ExampleParseHeader() {
	const limit = 1 << 20 // bytes
	var buf []byte
	for _, received := range [][]byte{
		{0x81}, {0x85, 0x37, 0xfa, 0x21}, {0x3d, 0x7f, 0x9f, 0x4d}, {0x51, 0x58},
	} {
		buf = append(buf, received...)
		h, n, err := frame.ParseHeader(buf)
		switch {
		case err == io.ErrUnexpectedEOF:
			fmt.Println(len(buf), "bytes: the header is not whole")
		case err != nil:
			fmt.Println("fail the connection:", err)
		case h.Length > limit:
			fmt.Println("fail the connection: too long")
		case h.Length > int64(len(buf)-n):
			fmt.Println(len(buf), "bytes: the payload is not whole")
		default:
			payload := buf[n : n+int(h.Length)]
			if h.Masked {
				frame.Mask(payload, h.Key, 0)
			}
			fmt.Printf("%v %q\n", h.Opcode, payload)
		}
	}
	// Output:
	// 1 bytes: the header is not whole
	// 5 bytes: the header is not whole
	// 9 bytes: the payload is not whole
	// text "Hello"
}

func ExampleAppendHeader() {
	payload := []byte("Hello")
	h := frame.Header{Fin: true, Opcode: frame.Text, Length: int64(len(payload))}
	b := frame.AppendHeader(nil, h)
	b = append(b, payload...)
	fmt.Printf("% x\n", b)
	// Output: 81 05 48 65 6c 6c 6f
}

// A payload that comes in parts is unmasked part by part: each offset is where the next one begins.
func ExampleMask() {
	key := frame.Key{0x37, 0xfa, 0x21, 0x3d}
	first, second := []byte{0x7f, 0x9f, 0x4d}, []byte{0x51, 0x58}
	pos := frame.Mask(first, key, 0)
	frame.Mask(second, key, pos)
	fmt.Printf("%s%s\n", first, second)
	// Output: Hello
}

// A client's frame in one buffer, and the payload as it was.
func ExampleAppendMasked() {
	payload := []byte("Hello")
	h := frame.Header{Fin: true, Opcode: frame.Text, Length: int64(len(payload))}
	h.Masked, h.Key = true, frame.Key{0x37, 0xfa, 0x21, 0x3d} // frame.NewKey() outside of an example
	b := frame.AppendMasked(frame.AppendHeader(nil, h), payload, h.Key)
	fmt.Printf("% x\n", b)
	fmt.Printf("%s\n", payload)
	// Output:
	// 81 85 37 fa 21 3d 7f 9f 4d 51 58
	// Hello
}

func ExampleNewKey() {
	key := frame.NewKey()
	b := frame.AppendMasked(nil, []byte("Hello"), key)
	frame.Mask(b, key, 0)
	fmt.Printf("%s\n", b)
	// Output: Hello
}

// A server holds what its clients send to the rules, frame by frame.
func ExampleValidator() {
	v := frame.Validator{From: frame.Client, MaxFrame: 1 << 20}
	for _, h := range []frame.Header{
		{Opcode: frame.Text, Masked: true, Length: 3},
		{Fin: true, Opcode: frame.Ping, Masked: true},
		{Fin: true, Opcode: frame.Binary, Masked: true, Length: 5},
	} {
		err := v.Check(h)
		fmt.Println(h.Opcode, "open:", v.Open(), "error:", err)
	}
	// Output:
	// text open: true error: <nil>
	// ping open: true error: <nil>
	// binary open: true error: websocket: new data frame inside a fragmented message (1002 protocol error, RFC 6455 section 5.4)
}

func ExampleParseClose() {
	code, reason, err := frame.ParseClose([]byte("\x03\xe9going down"))
	fmt.Printf("%v, %q, %v\n", code, reason, err)
	code, reason, err = frame.ParseClose(nil)
	fmt.Printf("%v, %q, %v\n", code, reason, err)
	_, _, err = frame.ParseClose([]byte{0x03, 0xee})
	fmt.Println(err)
	// Output:
	// 1001 going away, "going down", <nil>
	// 1005 no status received, "", <nil>
	// websocket: close code that must not be sent (1002 protocol error, RFC 6455 section 7.4)
}

// What ParseClose returned without an error can be answered with the same code.
func ExampleAppendClose() {
	p := frame.AppendClose(nil, closecode.GoingAway, "going down")
	h := frame.Header{Fin: true, Opcode: frame.Close, Length: int64(len(p))}
	b := append(frame.AppendHeader(nil, h), p...)
	fmt.Printf("%q\n", b)
	// Output: "\x88\f\x03\xe9going down"
}

// An *Error says with which code to fail the connection, and where the broken rule stands.
func ExampleError() {
	_, _, err := frame.ParseHeader([]byte{0x82, 0x7e, 0x00, 0x05})
	err = fmt.Errorf("reading from a peer: %w", err)
	if e, ok := errors.AsType[*frame.Error](err); ok {
		fmt.Println(e.Code)
		fmt.Println(e.Section)
		fmt.Println(e.Msg)
	}
	if code, ok := closecode.Of(err); ok {
		fmt.Println(uint16(code))
	}
	// Output:
	// 1002 protocol error
	// RFC 6455 section 5.2
	// payload length is not in its shortest form
	// 1002
}

func ExampleOpcode() {
	for _, o := range []frame.Opcode{frame.Text, frame.Ping, 0x3} {
		fmt.Printf("%v: data %v, control %v, reserved %v\n", o, o.IsData(), o.IsControl(), o.IsReserved())
	}
	// Output:
	// text: data true, control false, reserved false
	// ping: data false, control true, reserved false
	// opcode 0x3: data false, control false, reserved true
}

func ExampleRole() {
	self := frame.Server
	v := frame.Validator{From: self.Peer()} // of what a server receives
	fmt.Println(self, "checks frames from a", v.From)
	// Output: server checks frames from a client
}

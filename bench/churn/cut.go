//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/opening"
	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// kind is one way to open a connection and to be gone again.
type kind struct {
	name string
	do   func(ctx context.Context, v visit) error
}

// visit is one connection that comes and goes.
type visit struct {
	addr netip.AddrPort // of the server
	from netip.Addr     // of the client
	stay func()         // waits as long as the connection is to stay
}

var kinds = []kind{
	{"clean", clean},
	{"half a header", halfHeader},
	{"half a payload", halfPayload},
	{"half a request", halfRequest},
	{"nothing read", nothingRead},
	{"reset", reset},
}

// answerTimeout is how long a server may take to answer, on a machine that has other things to do.
const answerTimeout = 10 * time.Second

// maskKey masks what is sent; any will do.
const maskKey = 0x37fa213d

// message is what a connection sends that lives long enough: with a header of 8 bytes, masking key included.
var message = bytes.Repeat([]byte("laminar "), 64)

// open returns a WebSocket connection that ends in order when it is closed, with a FIN.
func (v visit) open(ctx context.Context) (*net.TCPConn, error) {
	tc, _, err := opening.WebSocket(ctx, v.addr, v.from, wire.Uncompressed)
	if err != nil {
		return nil, err
	}
	return inOrder(tc)
}

// inOrder undoes that closing resets.
func inOrder(tc *net.TCPConn) (*net.TCPConn, error) {
	if err := tc.SetLinger(-1); err != nil {
		tc.Close()
		return nil, err
	}
	return tc, nil
}

// clean has a message echoed and closes the connection as RFC 6455 section 7 has it.
func clean(ctx context.Context, v visit) error {
	tc, err := v.open(ctx)
	if err != nil {
		return err
	}
	defer tc.Close()
	var in wire.Assembler
	if err := exchange(tc, &in, wire.Binary, message); err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	v.stay()
	if err := exchange(tc, &in, wire.Close, []byte{0x03, 0xe8}); err != nil { // 1000
		return fmt.Errorf("closing handshake: %w", err)
	}
	// "The server MUST close the underlying TCP connection immediately; the client SHOULD wait" (RFC 6455 section 5.5.1).
	if n, err := tc.Read(make([]byte, 1)); err != io.EOF {
		return fmt.Errorf("after the closing handshake: %d bytes, error %w; want the end", n, err)
	}
	return nil
}

// exchange sends a frame and reads one, which has to be the same.
func exchange(tc *net.TCPConn, in *wire.Assembler, op byte, payload []byte) error {
	if err := tc.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	if _, err := tc.Write(wire.AppendMasked(nil, op, payload, maskKey)); err != nil {
		return err
	}
	buf := make([]byte, 2<<10)
	for got := false; !got; {
		n, err := tc.Read(buf)
		if err != nil {
			return err
		}
		err = in.Feed(buf[:n], func(gotOp byte, p []byte) error {
			if got || gotOp != op || !bytes.Equal(p, payload) {
				return errors.New("another frame than was sent")
			}
			got = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// part sends the first n bytes of a message and leaves.
func (v visit) part(ctx context.Context, n int) error {
	tc, err := v.open(ctx)
	if err != nil {
		return err
	}
	defer tc.Close()
	if _, err := tc.Write(wire.AppendMasked(nil, wire.Binary, message, maskKey)[:n]); err != nil {
		return err
	}
	v.stay()
	return nil
}

func halfHeader(ctx context.Context, v visit) error { return v.part(ctx, 4) }

func halfPayload(ctx context.Context, v visit) error { return v.part(ctx, 8+len(message)/2) }

// halfRequest leaves in the middle of the opening handshake.
func halfRequest(ctx context.Context, v visit) error {
	return v.ask(ctx, func(request []byte) []byte { return request[:len(request)/2] }, v.stay)
}

// nothingRead leaves after the request, whatever the server makes of it.
func nothingRead(ctx context.Context, v visit) error {
	return v.ask(ctx, func(request []byte) []byte { return request }, func() {})
}

// ask sends what part leaves of the request, waits, and leaves.
func (v visit) ask(ctx context.Context, part func([]byte) []byte, stay func()) error {
	tc, err := opening.Dial(ctx, v.addr, v.from)
	if err != nil {
		return err
	}
	if tc, err = inOrder(tc); err != nil {
		return err
	}
	defer tc.Close()
	if _, err := tc.Write(part(opening.Request(v.addr, wire.Uncompressed))); err != nil {
		return err
	}
	stay()
	return nil
}

// reset sends a message and resets the connection, with the echo under way or not.
func reset(ctx context.Context, v visit) error {
	tc, _, err := opening.WebSocket(ctx, v.addr, v.from, wire.Uncompressed) // which resets when it is closed
	if err != nil {
		return err
	}
	defer tc.Close()
	v.stay()
	_, err = tc.Write(wire.AppendMasked(nil, wire.Binary, message, maskKey))
	return err
}

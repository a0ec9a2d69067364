package conn_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// reading is a way to read all messages of a connection: it gives each to take and returns why there are no more.
type reading struct {
	name string
	all  func(c *conn.Conn, take func(op frame.Opcode, data []byte)) error

	concurrent bool // in an order of events that is not the same each time
}

var readings = []reading{
	{name: "Read", all: func(c *conn.Conn, take func(frame.Opcode, []byte)) error {
		for {
			m, err := c.Read(t0)
			if err != nil {
				return err
			}
			take(m.Op, m.Data)
		}
	}},
	{name: "Messages", all: func(c *conn.Conn, take func(frame.Opcode, []byte)) error {
		for m, err := range c.Messages(t0) {
			if err != nil {
				return err
			}
			take(m.Op, m.Data)
		}
		_, err := c.Read(t0)
		return err
	}},
	{name: "Serve", all: func(c *conn.Conn, take func(frame.Opcode, []byte)) error {
		return c.Serve(t0, &conn.Events{OnMessage: func(_ *conn.Conn, m conn.Message) { take(m.Op, m.Data) }})
	}},
	{name: "NextReader, reads of 1,000", all: readStreams(func(n int) int { return 1000 })},
	{name: "NextReader, reads of 40,000", all: readStreams(func(n int) int { return 40000 })},
	{name: "NextReader, reads of any size", all: readStreams(func(n int) int { return 1 << (n % 18) })},
	{name: "driven", all: readDriven(1<<20, 1<<20), concurrent: true},
	{name: "driven, in small parts, with little room", all: readDriven(100, 7), concurrent: true},
	{name: "by turns", all: func(c *conn.Conn, take func(frame.Opcode, []byte)) error {
		for {
			m, err := c.Read(t0)
			if err != nil {
				return err
			}
			take(m.Op, m.Data)
			op, data, err := readStream(c, func(n int) int { return 3000 })
			if err != nil {
				return err
			}
			take(op, data)
		}
	}},
}

// readDriven reads by way of a Driver: see loop.
func readDriven(room, part int) func(*conn.Conn, func(frame.Opcode, []byte)) error {
	return func(c *conn.Conn, take func(frame.Opcode, []byte)) error {
		return drive(c, &conn.Events{OnMessage: func(_ *conn.Conn, m conn.Message) { take(m.Op, m.Data) }}, room, part)
	}
}

var t0 = context.Background()

func readStreams(size func(n int) int) func(*conn.Conn, func(frame.Opcode, []byte)) error {
	return func(c *conn.Conn, take func(frame.Opcode, []byte)) error {
		for {
			op, data, err := readStream(c, size)
			if err != nil {
				return err
			}
			take(op, data)
		}
	}
}

// readStream reads one message through NextReader, the n-th time into size(n) bytes.
func readStream(c *conn.Conn, size func(n int) int) (frame.Opcode, []byte, error) {
	op, r, err := c.NextReader(t0)
	if err != nil {
		return 0, nil, err
	}
	var data []byte
	for n := 0; ; n++ {
		p := make([]byte, size(n))
		m, err := r.Read(p)
		data = append(data, p[:m]...)
		if err == io.EOF {
			return op, data, nil
		}
		if err != nil {
			return op, data, err
		}
	}
}

// TestReading: whatever the transport, the role and the way to read, the messages that the peer sent arrive, those at the limit too, and then its Close.
func TestReading(t *testing.T) {
	for i, way := range readings {
		t.Run(way.name, func(t *testing.T) {
			each(t, func(t *testing.T, l link, role frame.Role) {
				rnd := rand.New(rand.NewPCG(uint64(i), uint64(role)))
				c, p := l.peered(t, role, nil)
				p.hear()
				sent := borderMessages()
				if l.name == tcpLink.name || l.name == bareLink.name {
					sent = append(sent, limitMessages()...)
				}
				done := make(chan struct{})
				go func() {
					defer close(done)
					for _, m := range sent {
						p.send(p.fragmented(m, rnd)...)
					}
					p.send(p.frame(0x88, "\x03\xE8bye"))
				}()
				n := 0
				err := way.all(c, func(op frame.Opcode, data []byte) {
					if n >= len(sent) {
						t.Fatalf("message %d of %d", n+1, len(sent))
					}
					if want := sent[n]; op != want.op || string(data) != want.data {
						t.Errorf("message %d: %v of %d bytes; want the %v of %d bytes that was sent", n, op, len(data), want.op, len(want.data))
					}
					n++
				})
				<-done
				if n != len(sent) {
					t.Errorf("%d messages; want %d", n, len(sent))
				}
				wantCloseError(t, err, conn.CloseError{Code: closecode.NormalClosure, Reason: "bye", Remote: true})
				heard := p.ended()
				wantClose(t, heard, closecode.NormalClosure)
				wantPongs(t, heard[:len(heard)-1])
			})
		})
	}
}

func wantCloseError(t testing.TB, err error, want conn.CloseError) {
	t.Helper()
	got, ok := errors.AsType[*conn.CloseError](err)
	if !ok || got.Code != want.Code || got.Reason != want.Reason || got.Remote != want.Remote || !errors.Is(got.Err, want.Err) {
		t.Errorf("error %#v (%v); want %#v", err, err, want)
	}
}

// wantPongs checks that the frames are pongs, each for a later ping than the one before.
func wantPongs(t testing.TB, frames []heard) {
	t.Helper()
	last := 0
	for _, f := range frames {
		n := number(f.payload)
		if f.Opcode != frame.Pong || n <= last {
			t.Errorf("%v %q behind the pong of ping %d; want one for a later ping", f.Opcode, f.payload, last)
		}
		last = n
	}
}

func number(s string) (n int) {
	for _, d := range s {
		n = 10*n + int(d-'0')
	}
	return n
}

package conn_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// script is a transport that brings a stream in pieces and then its end, and remembers what was written.
type script struct {
	rest   []byte
	pieces *rand.Rand

	mu     sync.Mutex // guards the fields below
	wrote  []byte
	closed bool
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:1+s.pieces.IntN(min(len(s.rest), 1<<s.pieces.IntN(12)))])
	s.rest = s.rest[n:]
	return n, nil
}

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, io.ErrClosedPipe
	}
	s.wrote = append(s.wrote, p...)
	return len(p), nil
}

func (s *script) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// played is what became of a script: the messages, the code that the connection ended with, the frames it sent.
type played struct {
	messages []message
	code     closecode.Code
	breach   bool
	sent     []heard
}

func play(t *testing.T, role frame.Role, stream []byte, opts *conn.Options, way reading, pieces uint64) (p played) {
	s := &script{rest: slices.Clone(stream), pieces: rand.New(rand.NewPCG(pieces, 0))}
	c := conn.New(s, role, opts)
	err := way.all(c, func(op frame.Opcode, data []byte) { p.messages = append(p.messages, message{op, string(data)}) })
	c.Close()
	p.code, _ = closecode.Of(err)
	_, p.breach = errors.AsType[*frame.Error](err)
	s.mu.Lock()
	defer s.mu.Unlock()
	r := frame.NewReader(bytes.NewReader(s.wrote), frame.Validator{From: role})
	for {
		f, err := readFrame(r)
		if err == io.EOF {
			return p
		}
		if err != nil {
			t.Fatalf("%s: the connection sent % x: %v", way.name, s.wrote, err)
		}
		p.sent = append(p.sent, f)
	}
}

// FuzzConn plays any input to a whole connection, in both roles, and compares all ways to read it: they must agree on the messages and on the
// end. What the connection sends are pongs, and one Close frame, the last, where there was something to answer or to complain of.
func FuzzConn(f *testing.F) {
	for _, role := range roles {
		p := &peer{role: role.Peer()}
		for _, frames := range [][][]byte{
			{p.frame(0x81, "Hello"), p.frame(0x89, "ping"), p.frame(0x82, binaryOf(300)), p.frame(0x88, "\x03\xE8bye")},
			{p.frame(0x01, "€"), p.ping(), p.frame(0x00, ""), p.frame(0x8A, "x"), p.frame(0x80, "end"), p.frame(0x81, "\xFF")},
			{p.frame(0x02, binaryOf(5000)), p.frame(0x80, binaryOf(5000)), p.frame(0x81, ""), p.head(0x82, 1<<40)},
			{p.frame(0x82, binaryOf(20000)), p.frame(0x82, "over"), p.frame(0x88, "")},
			{p.frame(0xC1, "x")}, {p.frame(0x83, "")}, {p.frame(0x88, "\x03")}, {p.frame(0x80, "x")}, {p.frame(0x09, "")},
		} {
			f.Add(slices.Concat(frames...), role == frame.Client, uint64(1), uint16(20000))
		}
	}
	ways := slices.DeleteFunc(slices.Clone(readings), func(r reading) bool { return r.concurrent })
	ways = append(ways, reading{name: "fed", all: feed})
	f.Fuzz(func(t *testing.T, stream []byte, client bool, pieces uint64, max uint16) {
		role := frame.Server
		if client {
			role = frame.Client
		}
		opts := &conn.Options{MaxMessage: int64(max)}
		var first played
		for i, way := range ways {
			got := play(t, role, stream, opts, way, pieces+uint64(i))
			if i == 0 {
				first = got
			}
			if !slices.Equal(got.messages, first.messages) || got.code != first.code || got.breach != first.breach {
				t.Errorf("%s: %d messages, then code %v; want %d, then %v, as by %s",
					way.name, len(got.messages), got.code, len(first.messages), first.code, readings[0].name)
			}
			checkSent(t, way.name, got)
		}
	})
}

func checkSent(t *testing.T, name string, p played) {
	t.Helper()
	pongs := p.sent
	if p.code != closecode.AbnormalClosure {
		if len(pongs) == 0 || pongs[len(pongs)-1].Opcode != frame.Close {
			t.Fatalf("%s: ended with code %v without a Close frame", name, p.code)
		}
		code, _, err := frame.ParseClose([]byte(pongs[len(pongs)-1].payload))
		if code != p.code || err != nil {
			t.Errorf("%s: Close frame with code %v, %v; want %v", name, code, err, p.code)
		}
		pongs = pongs[:len(pongs)-1]
	}
	for _, f := range pongs {
		if f.Opcode != frame.Pong {
			t.Errorf("%s: the connection sent %v; want pongs", name, f.Opcode)
		}
	}
}

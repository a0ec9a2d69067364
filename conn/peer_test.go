package conn_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// peer is the other end of a connection under test, played by hand. It writes what the test says, and what it
// hears it keeps.
type peer struct {
	t    testing.TB
	rw   io.ReadWriteCloser
	role frame.Role

	deflate bool // permessage-deflate was agreed on

	pings int

	hearing sync.WaitGroup
	heard   []heard // for the test from the end of hearing on
	heardTo error   // why hearing ended
}

// heard is a frame that a peer got.
type heard struct {
	frame.Header
	payload string
}

func newPeer(t testing.TB, rw io.ReadWriteCloser, role frame.Role) *peer {
	return &peer{t: t, rw: rw, role: role}
}

// hear reads all frames until the connection ends. It answers a Close frame and closes.
func (p *peer) hear() {
	p.hearing.Go(func() {
		p.heardTo = p.hearAll()
	})
}

func (p *peer) hearAll() error {
	r := p.reader()
	for {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		p.heard = append(p.heard, f)
		if f.Opcode == frame.Close {
			p.rw.Write(p.frame(0x88, f.payload)) // fails where the connection did not wait for it
			if w, ok := p.rw.(interface{ CloseWrite() error }); ok {
				w.CloseWrite()
			} else {
				p.rw.Close()
			}
		}
	}
}

// ended waits for the end of hearing and returns what was heard. Everything must have ended with a Close frame.
func (p *peer) ended() []heard {
	p.t.Helper()
	p.hearing.Wait()
	if p.heardTo != io.EOF && !errors.Is(p.heardTo, io.ErrClosedPipe) && !errors.Is(p.heardTo, net.ErrClosed) {
		p.t.Errorf("the peer's stream ended with %v; want io.EOF", p.heardTo)
	}
	return p.heard
}

func (p *peer) reader() *frame.Reader {
	return frame.NewReader(p.rw, frame.Validator{From: p.role.Peer(), Rsv1: p.deflate})
}

func readFrame(r *frame.Reader) (heard, error) {
	h, err := r.Next()
	if err != nil {
		return heard{}, err
	}
	payload, err := io.ReadAll(r)
	return heard{h, string(payload)}, err
}

// frame returns the frame with the given first byte of a header (FIN, RSV, opcode) as the peer sends it.
func (p *peer) frame(first byte, payload string) []byte {
	h := frame.Header{
		Fin:    first&0x80 != 0,
		Rsv1:   first&0x40 != 0,
		Rsv2:   first&0x20 != 0,
		Rsv3:   first&0x10 != 0,
		Opcode: frame.Opcode(first & 0xF),
		Length: int64(len(payload)),
	}
	if p.role == frame.Server {
		return append(frame.AppendHeader(nil, h), payload...)
	}
	h.Masked, h.Key = true, frame.NewKey()
	return frame.AppendMasked(frame.AppendHeader(nil, h), []byte(payload), h.Key)
}

// head returns a header that declares n bytes, as the peer sends it.
func (p *peer) head(first byte, n int64) []byte {
	h := frame.Header{Fin: first&0x80 != 0, Opcode: frame.Opcode(first & 0xF), Length: n, Masked: p.role == frame.Client}
	return frame.AppendHeader(nil, h)
}

// send writes the frames in one call.
func (p *peer) send(frames ...[]byte) {
	p.t.Helper()
	if _, err := p.rw.Write(slices.Concat(frames...)); err != nil {
		p.t.Errorf("the peer's write: %v", err)
	}
}

// ping returns a ping that the peer has not sent before.
func (p *peer) ping() []byte {
	p.pings++
	return p.frame(0x89, strconv.Itoa(p.pings))
}

// fragmented returns a message cut up at random, with pings between the fragments. A fragment is at least 64 bytes long where the message
// is long enough for that, so that what fragments are charged does not count.
func (p *peer) fragmented(m message, rnd *rand.Rand) (frames [][]byte) {
	rest := m.data
	first := byte(m.op)
	for n := rnd.IntN(6); n > 0; n-- {
		size := rnd.IntN(len(rest) + 1)
		if len(m.data) >= 6*64 {
			if len(rest) < 128 {
				break
			}
			size = 64 + rnd.IntN(len(rest)-127)
		}
		frames = append(frames, p.frame(first, rest[:size]))
		rest = rest[size:]
		first = 0
		for rnd.IntN(3) == 0 {
			frames = append(frames, p.ping())
		}
	}
	return append(frames, p.frame(first|0x80, rest))
}

// message is one that a test sends or expects.
type message struct {
	op   frame.Opcode
	data string
}

// textOf returns a text of n bytes, with characters of all lengths; binaryOf returns bytes that are no text.
func textOf(n int) string {
	const sample = "aé€😀 laminar, "
	b := bytes.Repeat([]byte(sample), n/len(sample)+1)
	for _, pad := range []string{"", "x", "xx", "xxx"} {
		if len(pad) > n {
			break
		}
		text := pad + string(b[:n-len(pad)])
		if last := bytes.ToValidUTF8([]byte(text), nil); len(last) == n {
			return text
		}
	}
	panic("no text of that length")
}

func binaryOf(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(0xFF - i ^ i>>8)
	}
	return string(b)
}

// maxMessage is the default limit in bytes.
const maxMessage = 1 << 20

// borders are the sizes around which something changes: the forms of a header, buffers, what is copied or read straight, the limit.
var borders = []int{0, 1, 125, 126, 127, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 200000}

// borderMessages are text and binary messages of all those sizes.
var borderMessages = sync.OnceValue(func() (all []message) {
	for _, n := range borders {
		all = append(all, message{frame.Text, textOf(n)}, message{frame.Binary, binaryOf(n)})
	}
	return slices.Clip(all)
})

// limitMessages are as long as the default limit allows.
var limitMessages = sync.OnceValue(func() []message {
	return []message{{frame.Text, textOf(maxMessage)}, {frame.Binary, binaryOf(maxMessage - 1)}}
})

// wantClose checks that frames end with a Close frame of the given code, and are only data and control frames before it.
func wantClose(t testing.TB, frames []heard, code closecode.Code) {
	t.Helper()
	if len(frames) == 0 || frames[len(frames)-1].Opcode != frame.Close {
		t.Fatalf("the last of %d frames is no Close frame", len(frames))
	}
	got, _, err := frame.ParseClose([]byte(frames[len(frames)-1].payload))
	if got != code || err != nil {
		t.Errorf("Close frame with code %v, %v; want %v", got, err, code)
	}
}

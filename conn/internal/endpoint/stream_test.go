package endpoint_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// part is a frame as a test writes it down: the first byte of its header (FIN, RSV, opcode) and its payload.
type part struct {
	first   byte
	payload string
}

// testKey masks what the tests send as a client.
var testKey = [4]byte{0x37, 0xFA, 0x21, 0x3D}

// encode returns the frames as from sends them.
func encode(from frame.Role, parts ...part) (b []byte) {
	for _, p := range parts {
		mask := byte(0)
		if from == frame.Client {
			mask = 0x80
		}
		switch n := len(p.payload); {
		case n < 126:
			b = append(b, p.first, mask|byte(n))
		case n < 1<<16:
			b = binary.BigEndian.AppendUint16(append(b, p.first, mask|126), uint16(n))
		default:
			b = binary.BigEndian.AppendUint64(append(b, p.first, mask|127), uint64(n))
		}
		if from == frame.Server {
			b = append(b, p.payload...)
			continue
		}
		b = append(b, testKey[:]...)
		for i := range len(p.payload) {
			b = append(b, p.payload[i]^testKey[i%4])
		}
	}
	return b
}

// record is what a Receiver said. Parts of a message with nothing in between count as one, since where the input was split
// must not matter.
type record struct {
	Kind       endpoint.Kind
	Op         frame.Opcode
	First, Fin bool
	Code       closecode.Code
	Data       string
}

// outcome is what became of a stream.
type outcome struct {
	Log []record
	Err error
}

// feeding gives a stream to a Receiver in pieces, each of which is destroyed as soon as Next has returned: a
// Receiver must not need its input again.
type feeding struct {
	t   testing.TB
	rcv endpoint.Receiver
	outcome
	last []byte // data of the last record
}

func (f *feeding) add(ev endpoint.Event) {
	if ev.Kind == endpoint.None {
		return
	}
	n := len(f.Log)
	if n > 0 && ev.Kind == endpoint.Data && !ev.First && f.Log[n-1].Kind == endpoint.Data && !f.Log[n-1].Fin {
		f.Log[n-1].Fin = ev.Fin
	} else {
		f.settle()
		f.Log = append(f.Log, record{Kind: ev.Kind, Op: ev.Op, First: ev.First, Fin: ev.Fin, Code: ev.Code})
	}
	f.last = append(f.last, ev.Data...)
}

// settle completes the last record.
func (f *feeding) settle() {
	if n := len(f.Log); n > 0 {
		f.Log[n-1].Data = string(f.last)
	}
	f.last = f.last[:0]
}

func (f *feeding) next(piece []byte) {
	piece = slices.Clone(piece)
	for len(piece) > 0 && f.Err == nil {
		ev, n, err := f.rcv.Next(piece)
		if n < 0 || n > len(piece) {
			f.t.Fatalf("Next took %d of %d bytes", n, len(piece))
		}
		if err == nil && n == 0 || ev.Kind == endpoint.None && err == nil && n != len(piece) {
			f.t.Fatalf("Next took %d of %d bytes for event %d", n, len(piece), ev.Kind)
		}
		f.add(ev)
		f.Err = err
		scorch(piece[:n])
		piece = piece[n:]
	}
}

// payload gives a piece of a data frame's payload to the Receiver without Next.
func (f *feeding) payload(piece []byte) {
	piece = slices.Clone(piece)
	ev, err := f.rcv.Payload(piece)
	f.add(ev)
	f.Err = err
	scorch(piece)
}

func scorch(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}

// ended checks that the end stays the same, whatever comes behind it.
func (f *feeding) ended() outcome {
	f.t.Helper()
	f.settle()
	closed := len(f.Log) > 0 && f.Log[len(f.Log)-1].Kind == endpoint.Close
	if f.Err == nil && !closed {
		return f.outcome
	}
	more := []byte("\x81\x01x\x89\x00\x88\x00")
	for range 3 {
		ev, n, err := f.rcv.Next(slices.Clone(more))
		if ev.Kind != endpoint.None || err != f.Err || n != 0 && err != nil || n != len(more) && err == nil {
			f.t.Errorf("behind the end (%v), Next = %v, %d, %v; want nothing else", f.Err, ev, n, err)
		}
		if f.rcv.Remaining() > 0 && f.Err != nil {
			if ev, err := f.rcv.Payload([]byte("y")); ev.Kind != endpoint.None || err != f.Err {
				f.t.Errorf("behind the end (%v), Payload = %v, %v; want nothing else", f.Err, ev, err)
			}
		}
	}
	return f.outcome
}

func start(t testing.TB, cfg endpoint.Config) *feeding {
	return &feeding{t: t, rcv: endpoint.NewReceiver(cfg)}
}

// whole feeds the stream in one piece.
func whole(t testing.TB, cfg endpoint.Config, stream []byte) outcome {
	t.Helper()
	f := start(t, cfg)
	f.next(stream)
	return f.ended()
}

// bytewise feeds the stream byte by byte, and returns how many it took to the end.
func bytewise(t testing.TB, cfg endpoint.Config, stream []byte) (outcome, int) {
	t.Helper()
	f := start(t, cfg)
	at := 0
	for ; at < len(stream) && f.Err == nil; at++ {
		f.next(stream[at : at+1])
	}
	return f.ended(), at
}

// cut feeds the stream in pieces of at most the given length.
func cut(t testing.TB, cfg endpoint.Config, stream []byte, longest int, rnd *rand.Rand) outcome {
	t.Helper()
	f := start(t, cfg)
	for len(stream) > 0 && f.Err == nil {
		n := 1 + rnd.IntN(min(longest, len(stream)))
		f.next(stream[:n])
		stream = stream[n:]
	}
	return f.ended()
}

// direct feeds the headers byte by byte and the payloads of data frames past Next, in pieces of at most the given length, some
// of them empty.
func direct(t testing.TB, cfg endpoint.Config, stream []byte, longest int, rnd *rand.Rand) outcome {
	t.Helper()
	f := start(t, cfg)
	for len(stream) > 0 && f.Err == nil {
		n := 1
		if left := f.rcv.Remaining(); left > 0 {
			n = rnd.IntN(1 + int(min(int64(longest), left, int64(len(stream)))))
			f.payload(stream[:n])
		} else {
			f.next(stream[:n])
		}
		stream = stream[n:]
	}
	return f.ended()
}

// splitInvariant feeds the stream in all ways and returns what they agree on, and how many bytes it takes to know how it ends.
func splitInvariant(t testing.TB, cfg endpoint.Config, stream []byte, rnd *rand.Rand) (outcome, int) {
	t.Helper()
	least := whole(t, cfg, stream)
	most, at := bytewise(t, cfg, stream)
	between(t, least, most, least)
	for i := range 64 {
		longest := 1 + len(stream)>>(i%8)
		between(t, least, most, cut(t, cfg, stream, longest, rnd))
		between(t, least, most, direct(t, cfg, stream, longest, rnd))
	}
	return most, at
}

// between compares a feeding with the coarsest and the finest one. All are the same, unless text goes wrong: then what was right of a
// piece that has a wrong byte in it is not delivered, which is why the finest feeding delivers the most.
func between(t testing.TB, least, most, got outcome) {
	t.Helper()
	if got.Err != most.Err || got.Err != least.Err {
		t.Errorf("error %v; want %v, as in one piece, and %v, as byte by byte", got.Err, least.Err, most.Err)
	}
	if got.Err == endpoint.ErrText {
		if !startsWith(got.Log, least.Log) || !startsWith(most.Log, got.Log) {
			t.Errorf("events %v; want no less than %v and no more than %v", got.Log, least.Log, most.Log)
		}
		return
	}
	if d := cmp.Diff(most.Log, got.Log); d != "" {
		t.Errorf("events differ from those of single bytes (-bytes +got):\n%s", d)
	}
}

// startsWith reports whether log begins as head does, whose last record may be cut short.
func startsWith(log, head []record) bool {
	if len(head) == 0 {
		return true
	}
	n := len(head) - 1
	if len(log) <= n || !slices.Equal(log[:n], head[:n]) {
		return false
	}
	a, b := log[n], head[n]
	if b.Fin || b.Kind != endpoint.Data {
		return a == b
	}
	return bytes.HasPrefix([]byte(a.Data), []byte(b.Data)) && a.Op == b.Op && a.First == b.First && a.Kind == b.Kind
}

package endpoint_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn/internal/endpoint"
	"github.com/laminar-ws/laminar/frame"
)

// What follows reads RFC 6455 sections 5 to 8 once more, plainly and in one go, to tell what a Receiver must make of a stream.

// verdict is what must come of a stream. Where text goes wrong, sure holds what must be delivered in any case, and outcome all that may be.
type verdict struct {
	Log, sure []record
	code      closecode.Code // of the error; 0: none
}

// agrees compares an outcome with the reference's.
func agrees(cfg endpoint.Config, stream []byte, got outcome) error {
	want := judge(cfg, stream)
	if got.Err == nil && want.code != 0 || got.Err != nil && want.code == 0 {
		return fmt.Errorf("error %v; want code %d", got.Err, want.code)
	}
	if got.Err != nil {
		e, ok := errors.AsType[*frame.Error](got.Err)
		if !ok || e.Code != want.code {
			return fmt.Errorf("error %v; want code %d", got.Err, want.code)
		}
	}
	if want.sure != nil {
		if !startsWith(got.Log, want.sure) || !startsWith(want.Log, got.Log) {
			return fmt.Errorf("events %v; want at least %v and at most %v", got.Log, want.sure, want.Log)
		}
		return nil
	}
	if !slices.Equal(want.Log, got.Log) {
		return fmt.Errorf("events differ (-want +got):\n%s", cmp.Diff(want.Log, got.Log))
	}
	return nil
}

// reading is the state of the reference.
type reading struct {
	cfg     endpoint.Config
	log     []record
	open    bool         // a message is in progress
	op      frame.Opcode // its type
	text    []byte       // of the message so far, where it is text
	have    uint64       // bytes announced of it
	charged uint64
	empty   bool // nothing of it was reported yet
}

func judge(cfg endpoint.Config, b []byte) verdict {
	r := &reading{cfg: cfg}
	for {
		if len(b) < 2 {
			return verdict{Log: r.log}
		}
		first, second := b[0], b[1]
		length, size := uint64(second&127), 2
		extra := 0
		switch length {
		case 126:
			extra = 2
		case 127:
			extra = 8
		}
		if len(b) < 2+extra {
			return verdict{Log: r.log}
		}
		if extra > 0 {
			length = 0
			for _, octet := range b[2 : 2+extra] {
				length = length<<8 | uint64(octet)
			}
			size += extra
			if extra == 2 && length < 126 || extra == 8 && (length < 65536 || length > math.MaxInt64) {
				return verdict{Log: r.log, code: 1002}
			}
		}
		var key [4]byte
		masked := second >= 128
		if masked {
			if len(b) < size+4 {
				return verdict{Log: r.log}
			}
			copy(key[:], b[size:])
			size += 4
		}
		if code := r.header(first, masked, length); code != 0 {
			return verdict{Log: r.log, code: code}
		}
		var payload []byte
		for i := 0; uint64(i) < length && size+i < len(b); i++ {
			payload = append(payload, b[size+i]^key[i%4])
		}
		complete := uint64(len(payload)) == length
		if first&8 != 0 {
			if !complete {
				return verdict{Log: r.log}
			}
			if code, closed := r.control(first&15, payload); code != 0 || closed {
				return verdict{Log: r.log, code: code}
			}
		} else if v, wrong := r.data(first, payload, complete); wrong {
			return v
		}
		if !complete {
			return verdict{Log: r.log}
		}
		b = b[size+len(payload):]
	}
}

// header returns the code that the connection must be failed with for a header, or 0.
func (r *reading) header(first byte, masked bool, length uint64) closecode.Code {
	fin, opcode := first >= 128, first&15
	switch {
	case first&0x70 != 0, opcode >= 3 && opcode <= 7 || opcode >= 11, masked != (r.cfg.From == frame.Client):
		return 1002
	case opcode >= 8:
		if !fin || length > 125 {
			return 1002
		}
		return 0
	case (opcode == 0) != r.open:
		return 1002
	}
	if opcode != 0 {
		r.op, r.text, r.have, r.charged, r.empty = frame.Opcode(opcode), nil, 0, 0, true
	}
	r.have += length
	if length > 0 {
		r.charged += max(length, 64)
	}
	if most := uint64(r.cfg.MaxMessage); r.cfg.MaxMessage >= 0 {
		whole := opcode != 0 && fin
		if r.have > most || !whole && r.charged > max(most, 65536) {
			return 1009
		}
	} else if r.have > math.MaxInt64 {
		return 1009
	}
	r.open = !fin
	return 0
}

func (r *reading) control(opcode byte, payload []byte) (code closecode.Code, closed bool) {
	switch opcode {
	case 9:
		r.log = append(r.log, record{Kind: endpoint.Ping, Data: string(payload)})
	case 10:
		r.log = append(r.log, record{Kind: endpoint.Pong, Data: string(payload)})
	case 8:
		rec := record{Kind: endpoint.Close, Code: 1005}
		if len(payload) > 0 {
			if len(payload) == 1 {
				return 1002, true
			}
			rec.Code = closecode.Code(int(payload[0])*256 + int(payload[1]))
			rec.Data = string(payload[2:])
			if !rec.Code.Sendable() {
				return 1002, true
			}
			if !utf8.ValidString(rec.Data) {
				return 1007, true
			}
		}
		r.log = append(r.log, rec)
		return 0, true
	}
	return 0, false
}

// data takes what is there of a data frame's payload.
func (r *reading) data(first byte, payload []byte, complete bool) (_ verdict, wrong bool) {
	fin := first >= 128 && complete
	if r.op == frame.Text && !r.cfg.SkipUTF8 {
		start := len(r.text)
		r.text = append(r.text, payload...)
		right := rightUpTo(r.text)
		cutOff := right == len(r.text) && fin && !utf8.Valid(r.text)
		if cutOff && len(payload) > 0 {
			right-- // it takes the last byte to know
		}
		if right < len(r.text) || cutOff {
			sure := append([]record{}, r.log...)
			if right > start {
				r.report(payload[:right-start], false)
			}
			return verdict{Log: r.log, sure: sure, code: 1007}, true
		}
	}
	if len(payload) > 0 || complete {
		r.report(payload, fin)
	}
	return verdict{}, false
}

// rightUpTo returns how many bytes of text may be the beginning of a valid text.
func rightUpTo(text []byte) int {
	at := 0
	for at < len(text) {
		c, size := utf8.DecodeRune(text[at:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	// What is left begins with a character that is cut off or wrong; it is right as long as more bytes could complete it.
	n := at
	for n < len(text) && !utf8.FullRune(text[at:n+1]) {
		n++
	}
	return n
}

func (r *reading) report(data []byte, fin bool) {
	n := len(r.log)
	if !r.empty && r.log[n-1].Kind == endpoint.Data && !r.log[n-1].Fin {
		r.log[n-1].Data += string(data)
		r.log[n-1].Fin = fin
		return
	}
	r.log = append(r.log, record{Kind: endpoint.Data, Op: r.op, First: r.empty, Fin: fin, Data: string(data)})
	r.empty = false
}

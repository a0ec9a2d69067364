package frame_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// benchHeaders are the forms of a header; those from a client are what a server parses all day.
var benchHeaders = []struct {
	name   string
	header frame.Header
}{
	{"from=server/length=7bit", text},
	{"from=client/length=7bit", masked(text)},
	{"from=client/length=16bit", masked(long(text, 1024))},
	{"from=client/length=64bit", masked(long(text, 1<<20))},
}

func BenchmarkParseHeader(b *testing.B) {
	for _, bb := range benchHeaders {
		b.Run(bb.name, func(b *testing.B) {
			wire := frame.AppendHeader(nil, bb.header)
			b.SetBytes(int64(len(wire)))
			b.ReportAllocs()
			for b.Loop() {
				h, n, err := frame.ParseHeader(wire)
				if err != nil || n != len(wire) || h.Length != bb.header.Length {
					b.Fatal(h, n, err)
				}
			}
		})
	}
}

func BenchmarkAppendHeader(b *testing.B) {
	for _, bb := range benchHeaders {
		b.Run(bb.name, func(b *testing.B) {
			dst := make([]byte, 0, frame.MaxHeaderLen)
			b.SetBytes(int64(len(frame.AppendHeader(nil, bb.header))))
			b.ReportAllocs()
			for b.Loop() {
				dst = frame.AppendHeader(dst[:0], bb.header)
			}
		})
	}
}

func BenchmarkMask(b *testing.B) {
	for _, size := range []int{5, 16, 64, 125, 1024, 16 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			p := fill(size)
			pos := 0
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				pos = frame.Mask(p, key, pos)
			}
		})
	}
}

func BenchmarkAppendMasked(b *testing.B) {
	for _, size := range []int{5, 64, 125, 1024, 16 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			p := fill(size)
			dst := make([]byte, 0, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				dst = frame.AppendMasked(dst[:0], p, key)
			}
		})
	}
}

func BenchmarkNewKey(b *testing.B) {
	b.SetBytes(4)
	b.ReportAllocs()
	for b.Loop() {
		frame.NewKey()
	}
}

func BenchmarkValidatorCheck(b *testing.B) {
	for _, bb := range []struct {
		name string
		seq  []frame.Header
	}{
		{"seq=message", []frame.Header{masked(text)}},
		{"seq=fragments", []frame.Header{masked(textBegin), masked(cont), masked(ping), masked(contEnd)}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			v := frame.Validator{From: frame.Client, MaxFrame: 1 << 20}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				if err := v.Check(bb.seq[i]); err != nil {
					b.Fatal(err)
				}
				if i++; i == len(bb.seq) {
					i = 0
				}
			}
		})
	}
}

func BenchmarkReader(b *testing.B) {
	const size = 1024
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		h := frame.Header{Fin: true, Opcode: frame.Binary, Masked: from == frame.Client, Length: size}
		wire := frame.AppendHeader(nil, h)
		wire = append(wire, fill(size)...)
		for _, skip := range []bool{false, true} {
			b.Run(fmt.Sprintf("from=%v/size=%d/skip=%v", from, size, skip), func(b *testing.B) {
				r := frame.NewReader(&endless{b: wire}, frame.Validator{From: from})
				p := make([]byte, size)
				b.SetBytes(int64(len(wire)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := r.Next(); err != nil {
						b.Fatal(err)
					}
					if skip {
						continue
					}
					if _, err := io.ReadFull(r, p); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	for _, from := range []frame.Role{frame.Server, frame.Client} {
		for _, size := range []int{125, 1024, 1 << 20} {
			b.Run(fmt.Sprintf("from=%v/size=%d", from, size), func(b *testing.B) {
				w := frame.NewWriter(io.Discard, from)
				h := frame.Header{Fin: true, Opcode: frame.Binary}
				p := fill(size)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if err := w.WriteFrame(h, p); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

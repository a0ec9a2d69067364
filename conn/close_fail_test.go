package conn_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/frame"
)

// violations are first bytes of a client that no server may accept, each with the code it is failed with.
var violations = []struct {
	rfc  string
	sent []byte
	code closecode.Code
}{
	{"5.1: not masked", []byte{0x81, 0x01, 'x'}, closecode.ProtocolError},
	{"5.2: RSV2", []byte{0xa1, 0x80, 0, 0, 0, 0}, closecode.ProtocolError},
	{"5.2: reserved opcode", []byte{0x83, 0x80, 0, 0, 0, 0}, closecode.ProtocolError},
	{"5.4: continuation of nothing", []byte{0x80, 0x80, 0, 0, 0, 0}, closecode.ProtocolError},
	{"5.5: fragmented ping", []byte{0x09, 0x80, 0, 0, 0, 0}, closecode.ProtocolError},
	{"7.4: code 1005 on the wire", []byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed}, closecode.ProtocolError},
	{"8.1: not UTF-8", []byte{0x81, 0x81, 0, 0, 0, 0, 0xff}, closecode.InvalidPayload},
	{"10.4: too long", []byte{0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0}, closecode.MessageTooBig},
}

// TestFail_peerReadsTheCode: over real sockets, the peer that broke the protocol reads the Close frame and an end of stream, not a reset, even with 256
// KiB of its own unread behind its mistake.
func TestFail_peerReadsTheCode(t *testing.T) {
	for _, tt := range violations {
		for _, behind := range []int{0, 1, 100_000, 256<<10 - 100} {
			for name, read := range readers {
				t.Run(fmt.Sprintf("%s/behind=%d/%s", tt.rfc, behind, name), func(t *testing.T) {
					c, far := overTCP(t, frame.Server, nil)
					sent := inBackground(func() error {
						far.sendRaw(append(slices.Clone(tt.sent), bytes.Repeat([]byte{0x81}, behind)...))
						return nil
					})
					end := inBackground(func() error { return read(t.Context(), c) })
					h, p, err := far.next()
					code, reason, _ := frame.ParseClose(p)
					if err != nil || h.Opcode != frame.Close || code != tt.code || len(reason) == 0 {
						t.Errorf("the peer reads %v %v %q, %v; want a Close frame with %v and a reason", h.Opcode, code, reason, err, tt.code)
					}
					sent()
					far.wantEOF()
					far.rw.Close()
					if e, ok := errors.AsType[*frame.Error](end()); !ok || e.Code != tt.code || !strings.HasPrefix(e.Section, "RFC 6455 section ") {
						t.Errorf("the reader gets %#v; want a *frame.Error with %v and a section", e, tt.code)
					}
				})
			}
		}
	}
}

// TestFail_lingerIsBounded: a peer that broke the protocol and then neither closes nor stops sending is cut off after 1 s, or after
// 256 KiB.
func TestFail_lingerIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		far.sendRaw(violations[0].sent)
		begun := time.Now()
		_, err := c.Read(t.Context())
		if took := time.Since(begun); took != time.Second {
			t.Errorf("the silent peer was waited for for %v; want 1 s", took)
		}
		wantSameEnd(t, c, err)
	})
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, frame.Server, nil)
		sent := inBackground(func() int {
			for n := 0; ; n += 1000 {
				if _, err := far.rw.Write(make([]byte, 1000)); err != nil {
					return n
				}
			}
		})
		begun := time.Now()
		c.Read(t.Context())
		if took := time.Since(begun); took != 0 {
			t.Errorf("the peer that goes on was listened to for %v; want no time to pass", took)
		}
		if n := sent(); n < 256<<10 || n > 256<<10+64<<10+8<<10 { // the pipe's 64 KiB, two read buffers
			t.Errorf("%d bytes were taken; want 256 KiB and what the pipe holds", n)
		}
	})
	t.Run("the peer does not read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, frame.Server, nil)
			stall(t, c, 1000)
			far.sendRaw(violations[0].sent)
			begun := time.Now()
			_, err := c.Read(t.Context())
			if took := time.Since(begun); took != time.Second {
				t.Errorf("the end took %v; want 1 s in all, for the Close frame and what follows it", took)
			}
			wantSameEnd(t, c, err)
		})
	})
}

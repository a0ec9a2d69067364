package hostile_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// violation is input that fails the connection.
type violation struct {
	name    string
	rfc     string // the section that the application's error names
	code    uint16
	input   func(w wire) string
	partial bool // decided before the frame is complete: nothing can come behind it
}

const limit = 1 << 16 // bytes per message in TestViolations

var violations = []violation{
	// Lengths: read as uint64, checked before anything is allocated.
	{"CVE-2020-27813 length over 2^63", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.head(0x82, 127, length64(1<<63)) }, true},
	{"CVE-2020-27813 length of 2^64-1", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.head(0x82, 127, length64(1<<64-1)) }, true},
	{"CVE-2026-27889 length of 2^63-1", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.head(0x82, 127, length64(1<<63-1)) }, true},
	{"CVE-2026-1528 continuation of 2^63-1", "RFC 6455 section 10.4", 1009, func(w wire) string {
		return w.frame(0x02, "x") + w.head(0x80, 127, length64(1<<63-1))
	}, true},
	{"CVE-2026-0716 1 GiB known at the header", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.head(0x82, 127, length64(1<<30)) }, true},
	{"limit passed by one byte", "RFC 6455 section 10.4", 1009, func(w wire) string { return w.head(0x82, 127, length64(limit+1)) }, true},
	{"limit passed across fragments", "RFC 6455 section 10.4", 1009, func(w wire) string {
		return w.frame(0x02, strings.Repeat("x", limit/2)) + w.frame(0x00, strings.Repeat("x", limit/2)) + w.head(0x80, 1, "")
	}, true},
	{"limit passed by one-byte fragments", "RFC 6455 section 10.4", 1009, func(w wire) string {
		return w.fragments(limit/64+1, "x", false)
	}, false},
	{"16-bit length not minimal", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.head(0x82, 126, "\x00\x7d") }, true},
	{"64-bit length not minimal", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.head(0x82, 127, length64(1<<16-1)) }, true},

	// Who masks, reserved bits and opcodes.
	{"masked the wrong way round", "RFC 6455 section 5.1", 1002, func(w wire) string { return wire{masked: !w.masked}.frame(0x81, "hi") }, false},
	{"RSV1 without an extension", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xc1, "hi") }, false},
	{"RSV2", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xa1, "hi") }, false},
	{"RSV3", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x91, "hi") }, false},
	{"RSV1 on a ping", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0xc9, "hi") }, false},
	{"opcode 3", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x83, "hi") }, false},
	{"opcode 7", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x87, "") }, false},
	{"opcode 11", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x8b, "hi") }, false},
	{"opcode 15", "RFC 6455 section 5.2", 1002, func(w wire) string { return w.frame(0x8f, "hi") }, false},

	// Control frames and fragments.
	{"ping of 126 bytes", "RFC 6455 section 5.5", 1002, func(w wire) string { return w.frame(0x89, strings.Repeat("x", 126)) }, false},
	{"close of 64 KiB", "RFC 6455 section 5.5", 1002, func(w wire) string { return w.head(0x88, 127, length64(1<<16)) }, true},
	{"ping in fragments", "RFC 6455 section 5.5", 1002, func(w wire) string { return w.frame(0x09, "hi") }, false},
	{"close in fragments", "RFC 6455 section 5.5", 1002, func(w wire) string { return w.frame(0x08, "\x03\xe8") }, false},
	{"continuation of nothing", "RFC 6455 section 5.4", 1002, func(w wire) string { return w.frame(0x80, "hi") }, false},
	{"continuation after the end", "RFC 6455 section 5.4", 1002, func(w wire) string {
		return w.frame(0x89, "") + w.frame(0x00, "hi")
	}, false},
	{"message inside a message", "RFC 6455 section 5.4", 1002, func(w wire) string { return w.frame(0x01, "a") + w.frame(0x81, "b") }, false},

	// Close frames.
	{"close of one byte", "RFC 6455 section 5.5.1", 1002, func(w wire) string { return w.frame(0x88, "\x03") }, false},
	{"close code 0", "RFC 6455 section 7.4", 1002, func(w wire) string { return w.frame(0x88, "\x00\x00") }, false},
	{"close code 1005", "RFC 6455 section 7.4", 1002, func(w wire) string { return w.frame(0x88, "\x03\xed") }, false},
	{"close code 1006", "RFC 6455 section 7.4", 1002, func(w wire) string { return w.frame(0x88, "\x03\xee") }, false},
	{"close code 1015", "RFC 6455 section 7.4", 1002, func(w wire) string { return w.frame(0x88, "\x03\xf7") }, false},
	{"close code 2999", "RFC 6455 section 7.4", 1002, func(w wire) string { return w.frame(0x88, "\x0b\xb7") }, false},
	{"close code 65535", "RFC 6455 section 7.4", 1002, func(w wire) string { return w.frame(0x88, "\xff\xff") }, false},
	{"close reason not UTF-8", "RFC 6455 section 5.5.1", 1007, func(w wire) string { return w.frame(0x88, "\x03\xe8\xff") }, false},

	// Text, at the first wrong byte.
	{"text not UTF-8", "RFC 6455 section 8.1", 1007, func(w wire) string { return w.frame(0x81, "a\xffb") }, false},
	{"text with a surrogate", "RFC 6455 section 8.1", 1007, func(w wire) string { return w.frame(0x81, "\xed\xa0\x80") }, false},
	{"text cut in a character", "RFC 6455 section 8.1", 1007, func(w wire) string { return w.frame(0x81, "\xe2\x82") }, false},
	{"text wrong across fragments", "RFC 6455 section 8.1", 1007, func(w wire) string {
		return w.frame(0x01, "\xe2\x82") + w.frame(0x89, "ping") + w.frame(0x80, "x")
	}, false},
	{"text wrong before its frame ends", "RFC 6455 section 8.1", 1007, func(w wire) string {
		return w.head(0x81, 126, "\x7f\xff") + w.payload("abc\xff")
	}, true},
}

// Each violation fails the connection: what came before it is delivered and answered, nothing behind it is, the peer reads our
// code and an end of the stream with 228 KiB behind it, and the next peer is served.
func TestViolations(t *testing.T) {
	forVictims(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		for _, tt := range violations {
			tt.commit(t, v, open)
		}
		t.Run("and then", func(t *testing.T) { alive(t, open) })
	})
}

// commit checks what becomes of the violation, sent in several ways.
func (tt violation) commit(t *testing.T, v victim, open func(testing.TB) *attacker) {
	for _, how := range []string{"whole", "with much behind", "byte by byte"} {
		t.Run(tt.name+"/"+how, func(t *testing.T) {
			if how == "byte by byte" && len(tt.input(v.wire)) > 10_000 {
				return // a hundred thousand writes show nothing more
			}
			t.Parallel()
			promptly(t, func() time.Duration { return tt.commitOnce(t, v, open(t), how) })
		})
	}
}

// promptly fails a test whose victim takes more than a second to end a connection, three times: once may be the machine's fault.
func promptly(t *testing.T, attack func() (took time.Duration)) {
	t.Helper()
	var all []time.Duration
	for range 3 {
		took := attack()
		if took <= time.Second {
			return
		}
		all = append(all, took)
	}
	t.Errorf("the connection ended %v behind the violation; want at most a second", all)
}

// commitOnce returns how long after the violation was sent the connection ended.
func (tt violation) commitOnce(t *testing.T, v victim, p *attacker, how string) time.Duration {
	input := v.wire.frame(0x82, "before") + tt.input(v.wire)
	begin := time.Now()
	switch how {
	case "whole":
		p.send(input)
	case "byte by byte":
		p.sendBytes(input)
		begin = time.Now()
	default:
		if !tt.partial {
			input += v.wire.frame(0x81, "never")
		}
		go p.send(input + strings.Repeat("\x81", 128<<10)) // and 100 KiB more in the end
	}
	p.wants(t, frame.Binary, "before")
	p.wantsClose(t, tt.code)
	took := time.Since(begin)
	p.writesOn(t)
	p.Close()
	o := <-p.seen
	breach, ok := errors.AsType[*frame.Error](o.err)
	if !ok || uint16(breach.Code) != tt.code || breach.Section != tt.rfc || !errors.Is(o.err, net.ErrClosed) {
		t.Errorf("the application saw %v; want code %d, %s", o.err, tt.code, tt.rfc)
	}
	if o.messages != 1 || o.first[0] != "before" {
		t.Errorf("%d messages were delivered, %q; want the one before", o.messages, o.first)
	}
	if o.again != o.err {
		t.Errorf("then it saw %v; want the same error for ever", o.again)
	}
	return took
}

// A limit below the 64 KiB that fragments are charged against holds for what is in them, too.
func TestViolations_smallLimit(t *testing.T) {
	forVictims(t, conn.Options{MaxMessage: 1000}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		p := open(t)
		p.send(v.wire.frame(0x02, strings.Repeat("x", 600)) + v.wire.frame(0x80, strings.Repeat("x", 400)))
		p.wants(t, frame.Binary, strings.Repeat("x", 1000))
		p.send(v.wire.frame(0x02, strings.Repeat("x", 600)) + v.wire.frame(0x00, strings.Repeat("x", 401)))
		p.wantsClose(t, 1009)
		p.Close()
		if o := <-p.seen; o.messages != 1 {
			t.Errorf("%d messages were delivered", o.messages)
		}
		alive(t, open)
	})
}

// What looks like a violation and is none.
func TestLegal(t *testing.T) {
	forVictims(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		w := v.wire
		for _, tt := range []struct{ name, input, echo string }{
			{"exactly the limit", w.frame(0x82, strings.Repeat("x", limit)), strings.Repeat("x", limit)},
			{"exactly the limit in fragments", w.frame(0x02, strings.Repeat("x", limit-64)) + w.frame(0x80, strings.Repeat("x", 64)), strings.Repeat("x", limit)},
			{"as many one-byte fragments as are charged for", w.fragments(limit/64, "x", true), strings.Repeat("x", limit/64)},
			{"20,000 empty fragments", w.fragments(20_000, "", false) + w.frame(0x80, "x"), "x"},
			{"character across fragments", w.frame(0x01, "\xe2") + w.frame(0x00, "\x82") + w.frame(0x80, "\xac"), "€"},
			{"empty text", w.frame(0x81, ""), ""},
			{"ping of 125 bytes", w.frame(0x8a, strings.Repeat("x", 125)) + w.frame(0x81, "x"), "x"},
			{"pong between fragments", w.frame(0x01, "a") + w.frame(0x8a, "") + w.frame(0x80, "b"), "ab"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				p := open(t)
				go p.send(tt.input)
				if h, got, err := p.next(); err != nil || got != tt.echo {
					t.Errorf("got %v of %d bytes, %v; want %d bytes", h.Opcode, len(got), err, len(tt.echo))
				}
				p.Close()
				<-p.seen
			})
		}
	})
}

// The charge for fragments is forgotten with each message: honest small messages never add up to it (the fix of CVE-2026-48779
// had a counter for the connection).
func TestFragmentCharge_honestConnection(t *testing.T) {
	forVictims(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		p := open(t)
		var input strings.Builder
		for i := range 20_000 {
			if i%2 == 0 {
				input.WriteString(v.wire.frame(0x81, "small"))
			} else {
				input.WriteString(v.wire.frame(0x01, "sma") + v.wire.frame(0x80, "ll"))
			}
		}
		go p.send(input.String())
		for i := range 20_000 {
			if _, got, err := p.next(); err != nil || got != "small" {
				t.Fatalf("message %d: got %q, %v", i, got, err)
			}
		}
		p.Close()
		if o := <-p.seen; o.messages != 20_000 {
			t.Error(fmt.Errorf("%d messages, then %w", o.messages, o.err))
		}
	})
}

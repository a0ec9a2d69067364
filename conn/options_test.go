package conn_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestOptions_MaxMessage sends messages at the limit and one byte over it, in one frame and in several.
func TestOptions_MaxMessage(t *testing.T) {
	for _, tt := range []struct {
		opts *conn.Options
		max  int
	}{
		{nil, conn.DefaultMaxMessage},
		{&conn.Options{}, conn.DefaultMaxMessage},
		{&conn.Options{MaxMessage: 1}, 1},
		{&conn.Options{MaxMessage: 125}, 125},
		{&conn.Options{MaxMessage: 126}, 126},
		{&conn.Options{MaxMessage: 65535}, 65535},
		{&conn.Options{MaxMessage: 65536}, 65536},
		{&conn.Options{MaxMessage: 2 << 20}, 2 << 20},
	} {
		for _, role := range roles {
			for i, way := range readings {
				for _, pieces := range []int{1, 3} {
					if tt.max > 1<<18 && i%2 == pieces/2 {
						continue // either is enough of those
					}
					c, p := tcpLink.peered(t, role, tt.opts)
					p.hear()
					go p.rw.Write(slices.Concat(pieced(p, binaryOf(tt.max), pieces), pieced(p, binaryOf(tt.max+1), pieces)))
					whole, more := 0, 0
					err := way.all(c, func(_ frame.Opcode, data []byte) {
						if len(data) == tt.max {
							whole++
						} else {
							more++
						}
					})
					if whole != 1 || more != 0 {
						t.Errorf("%s, limit %d: %d messages at the limit and %d others; want one", way.name, tt.max, whole, more)
					}
					if !isTooBig(err) {
						t.Errorf("%s, limit %d: error %v; want a *frame.Error with 1009 and its section", way.name, tt.max, err)
					}
					p.hearing.Wait()
					wantClose(t, p.heard, closecode.MessageTooBig)
				}
			}
		}
	}
}

// pieced returns a binary message in n fragments.
func pieced(p *peer, data string, n int) (b []byte) {
	first := byte(0x02)
	for ; n > 1; n-- {
		part := data[:len(data)/n]
		b = append(b, p.frame(first, part)...)
		data, first = data[len(part):], 0
	}
	return append(b, p.frame(first|0x80, data)...)
}

func TestOptions_MaxMessage_none(t *testing.T) {
	c, p := tcpLink.peered(t, frame.Client, &conn.Options{MaxMessage: -1})
	go p.send(pieced(p, binaryOf(5<<20), 3))
	if m, err := c.Read(t0); err != nil || string(m.Data) != binaryOf(5<<20) {
		t.Errorf("Read = %d bytes, %v; want 5 MiB", len(m.Data), err)
	}
}

// TestOptions_MaxMessage_charge: short fragments are counted as 64 bytes each.
func TestOptions_MaxMessage_charge(t *testing.T) {
	for _, tt := range []struct {
		max int64
		n   int // fragments of one byte that are allowed
	}{{0, 16384}, {100 << 10, 1600}, {2000, 1024}} {
		for _, over := range []int{0, 1} {
			c, p := tcpLink.peered(t, frame.Client, &conn.Options{MaxMessage: tt.max})
			p.hear()
			go p.rw.Write(pieced(p, binaryOf(tt.n+over), tt.n+over))
			m, err := c.Read(t0)
			switch {
			case over == 0 && (err != nil || len(m.Data) != tt.n):
				t.Errorf("limit %d, %d fragments: %v", tt.max, tt.n, err)
			case over == 1 && !isTooBig(err):
				t.Errorf("limit %d, %d fragments: %v; want 1009", tt.max, tt.n+1, err)
			}
			c.Close()
			p.hearing.Wait()
		}
	}
}

func TestOptions_SkipUTF8Check(t *testing.T) {
	const noText = "caf\xE9"
	for _, role := range roles {
		for _, way := range readings {
			c, p := pipeLink.peered(t, role, &conn.Options{SkipUTF8Check: true})
			p.hear()
			p.send(p.frame(0x81, noText), p.frame(0x01, "\xFF"), p.frame(0x80, "\x80"), p.frame(0x88, ""))
			var got []string
			err := way.all(c, func(op frame.Opcode, data []byte) { got = append(got, op.String()+" "+string(data)) })
			if want := []string{"text " + noText, "text \xFF\x80"}; !slices.Equal(got, want) {
				t.Errorf("%s, check off: messages %q; want %q", way.name, got, want)
			}
			wantCloseError(t, err, conn.CloseError{Code: closecode.NoStatusReceived, Remote: true})
			p.ended()

			c, p = pipeLink.peered(t, role, nil)
			p.hear()
			p.send(p.frame(0x81, noText))
			err = way.all(c, func(_ frame.Opcode, data []byte) { t.Errorf("%s, check on: message %q", way.name, data) })
			if code, _ := closecode.Of(err); code != closecode.InvalidPayload {
				t.Errorf("%s, check on: error %v; want 1007", way.name, err)
			}
			wantClose(t, p.ended(), closecode.InvalidPayload)
		}
	}
}

func TestOptions_Subprotocol(t *testing.T) {
	c, _ := pipeLink.peered(t, frame.Server, &conn.Options{Subprotocol: "chat.v2"})
	if got := c.Subprotocol(); got != "chat.v2" {
		t.Errorf("Subprotocol() = %q; want %q", got, "chat.v2")
	}
	c, _ = pipeLink.peered(t, frame.Server, nil)
	if got := c.Subprotocol(); got != "" {
		t.Errorf("Subprotocol() = %q; want none", got)
	}
}

// TestOptions_CloseTimeout shuts down against a peer that says nothing.
func TestOptions_CloseTimeout(t *testing.T) {
	for _, tt := range []struct {
		opts  *conn.Options
		ctx   time.Duration // of the caller's context; 0: none
		after time.Duration
	}{
		{nil, 0, conn.DefaultCloseTimeout},
		{nil, time.Second, time.Second},
		{nil, time.Hour, conn.DefaultCloseTimeout},
		{&conn.Options{CloseTimeout: 30 * time.Second}, 0, 30 * time.Second},
		{&conn.Options{CloseTimeout: time.Millisecond}, 0, time.Millisecond},
		{&conn.Options{CloseTimeout: -1}, time.Hour, time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := pipeLink.peered(t, frame.Client, tt.opts)
			ctx := t0
			if tt.ctx > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(t0, tt.ctx)
				defer cancel()
			}
			begin := time.Now()
			if err := c.Shutdown(ctx, closecode.NormalClosure, ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown: %v; want %v", err, context.DeadlineExceeded)
			}
			if got := time.Since(begin); got != tt.after {
				t.Errorf("%+v, context of %v: Shutdown took %v; want %v", tt.opts, tt.ctx, got, tt.after)
			}
		})
	}
}

func TestOptions_ErrorLog(t *testing.T) {
	panicked := func(opts *conn.Options) {
		c, p := pipeLink.peered(t, frame.Server, opts)
		p.hear()
		p.send(p.frame(0x81, "x"))
		c.Serve(t0, &conn.Events{OnMessage: func(*conn.Conn, conn.Message) { panic("out of tea") }})
		wantClose(t, p.ended(), closecode.InternalError)
	}
	var own, other bytes.Buffer
	was := slog.Default()
	defer slog.SetDefault(was)
	slog.SetDefault(slog.New(slog.NewTextHandler(&other, nil)))

	panicked(&conn.Options{ErrorLog: slog.New(slog.NewTextHandler(&own, nil))})
	if !strings.Contains(own.String(), "out of tea") || !strings.Contains(own.String(), "options_test.go") || other.Len() > 0 {
		t.Errorf("logged %q to ErrorLog and %q to the default; want the panic and its stack in ErrorLog", own.String(), other.String())
	}
	panicked(nil)
	if !strings.Contains(other.String(), "out of tea") {
		t.Errorf("logged %q to the default; want the panic", other.String())
	}
}

// TestOptions_copied: New neither keeps nor writes what it is given.
func TestOptions_copied(t *testing.T) {
	opts := conn.Options{Subprotocol: "before"}
	c, p := pipeLink.peered(t, frame.Server, &opts)
	if opts != (conn.Options{Subprotocol: "before"}) {
		t.Errorf("New has written to its options: %+v", opts)
	}
	opts = conn.Options{Subprotocol: "after", MaxMessage: 1, SkipUTF8Check: true}
	if got := c.Subprotocol(); got != "before" {
		t.Errorf("Subprotocol() = %q; want that of the options at the time of New", got)
	}
	p.send(p.frame(0x81, "long enough"))
	if m, err := c.Read(t0); err != nil || string(m.Data) != "long enough" {
		t.Errorf("Read = %q, %v; want the limit of the time of New", m.Data, err)
	}
}

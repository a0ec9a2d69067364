package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// virtual are the links that may be used in a synctest bubble.
var virtual = []link{pipeLink, netPipeLink, bareLink}

// inBubbles runs the test over those links, in both roles, each in a bubble of its own.
func inBubbles(t *testing.T, f func(t *testing.T, l link, role frame.Role)) {
	for _, l := range virtual {
		for _, role := range roles {
			t.Run(l.name+"/"+role.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { f(t, l, role) })
			})
		}
	}
}

// readAsync calls Read and says later what came of it.
type readAsync struct {
	cancel context.CancelFunc
	done   chan struct{}
	m      message
	err    error
}

func startRead(c *conn.Conn) *readAsync {
	ctx, cancel := context.WithCancel(context.Background())
	r := &readAsync{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		m, err := c.Read(ctx)
		r.m, r.err = message{m.Op, string(m.Data)}, err
	}()
	return r
}

// settled reports, in a bubble, whether the Read has returned.
func (r *readAsync) settled() bool {
	synctest.Wait()
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// TestRead_lost: a connection whose transport ends without a Close frame ended with 1006 and why, and so for ever.
func TestRead_lost(t *testing.T) {
	for _, before := range []string{"", "\x81", "\x81\x05Hel", "\x01\x03Hel"} {
		for _, l := range links {
			t.Run(l.name, func(t *testing.T) {
				c, p := l.peered(t, frame.Client, nil)
				go func() {
					if before != "" {
						p.send([]byte(before))
					}
					p.rw.Close()
				}()
				m, first := c.Read(t0)
				if m.Data != nil || m.Op != 0 {
					t.Errorf("Read = %v beside an error", m)
				}
				wantCloseError(t, first, conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
				if !errors.Is(first, net.ErrClosed) || !errors.Is(first, io.EOF) {
					t.Errorf("error %v; want one that is net.ErrClosed and io.EOF", first)
				}
				for range 3 {
					if _, err := c.Read(t0); err != first {
						t.Errorf("Read once more: %v; want the same error, %v", err, first)
					}
					if _, _, err := c.NextReader(t0); err != first {
						t.Errorf("NextReader: %v; want the same error, %v", err, first)
					}
					if err := c.Serve(t0, nil); err != first {
						t.Errorf("Serve: %v; want the same error, %v", err, first)
					}
					if err := c.Write(t0, frame.Text, nil); err != first {
						t.Errorf("Write: %v; want the same error, %v", err, first)
					}
				}
			})
		}
	}
}

// TestRead_breach: the peer's fault is a *frame.Error, told to it in a Close frame, and stays.
func TestRead_breach(t *testing.T) {
	for _, tt := range []struct {
		name, section string
		first         byte
		payload       string
		code          closecode.Code
	}{
		{"RSV1", "RFC 6455 section 5.2", 0xC1, "x", closecode.ProtocolError},
		{"opcode", "RFC 6455 section 5.2", 0x83, "x", closecode.ProtocolError},
		{"continuation", "RFC 6455 section 5.4", 0x80, "x", closecode.ProtocolError},
		{"long ping", "RFC 6455 section 5.5", 0x89, textOf(126), closecode.ProtocolError},
		{"text", "RFC 6455 section 8.1", 0x81, "\xFF", closecode.InvalidPayload},
		{"close", "RFC 6455 section 7.4", 0x88, "\x03\xEE", closecode.ProtocolError},
		{"length", "RFC 6455 section 10.4", 0x82, binaryOf(maxMessage + 1), closecode.MessageTooBig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, l link, role frame.Role) {
				c, p := l.peered(t, role, nil)
				p.hear()
				go p.rw.Write(slices.Concat(p.frame(0x82, "fine"), p.frame(tt.first, tt.payload))) // whose end nobody reads
				if m, err := c.Read(t0); err != nil || string(m.Data) != "fine" {
					t.Fatalf("Read = %q, %v; want the message before the fault", m.Data, err)
				}
				_, err := c.Read(t0)
				e, ok := errors.AsType[*frame.Error](err)
				if !ok || e.Code != tt.code || e.Section != tt.section {
					t.Errorf("error %v; want a *frame.Error with code %d and %s", err, tt.code, tt.section)
				}
				if !errors.Is(err, net.ErrClosed) {
					t.Errorf("error %v is not net.ErrClosed", err)
				}
				if code, ok := closecode.Of(err); code != tt.code || !ok {
					t.Errorf("closecode.Of = %v, %v; want %v", code, ok, tt.code)
				}
				if _, again := c.Read(t0); again != err {
					t.Errorf("Read once more: %v; want the same error", again)
				}
				p.hearing.Wait()
				wantClose(t, p.heard, tt.code)
			})
		})
	}
}

// TestRead_concurrent: a second reader is refused, and the first goes on.
func TestRead_concurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipeLink.peered(t, frame.Server, nil)
		r := startRead(c)
		synctest.Wait()
		for range 2 {
			if _, err := c.Read(t0); err == nil || errors.Is(err, net.ErrClosed) {
				t.Errorf("a second Read: %v; want an error that is not the connection's end", err)
			}
			if _, _, err := c.NextReader(t0); err == nil || errors.Is(err, net.ErrClosed) {
				t.Errorf("NextReader beside Read: %v; want an error that is not the connection's end", err)
			}
			if err := c.Serve(t0, nil); err == nil || errors.Is(err, net.ErrClosed) {
				t.Errorf("Serve beside Read: %v; want an error that is not the connection's end", err)
			}
		}
		p.send(p.frame(0x81, "Hello"))
		if <-r.done; r.err != nil || r.m.data != "Hello" {
			t.Errorf("the first Read = %v, %v; want the message", r.m, r.err)
		}
	})
}

package conn_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

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

// TestRead_cancelled calls a Read off before and behind every byte that arrives. Nothing may be lost by it.
func TestRead_cancelled(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		want := []message{{frame.Text, "Hello"}, {frame.Text, "in three parts €"}, {frame.Binary, binaryOf(130)}, {frame.Text, ""}}
		stream := slices.Concat(p.frame(0x81, "Hello"), p.frame(0x01, "in "), p.ping(), p.frame(0x00, "three "), p.frame(0x80, "parts €"),
			p.frame(0x82, binaryOf(130)), p.frame(0x81, ""))
		var got []message
		for _, b := range stream {
			r := startRead(c)
			if r.settled() {
				t.Fatalf("Read returned %v, %v without input", r.m, r.err)
			}
			r.cancel()
			if <-r.done; r.err != context.Canceled {
				t.Fatalf("a cancelled Read returned %v, %v", r.m, r.err)
			}
			go p.send([]byte{b})
			r = startRead(c)
			if r.settled() && r.err == nil {
				got = append(got, r.m)
			}
			r.cancel()
			if <-r.done; r.err != nil && r.err != context.Canceled {
				t.Fatalf("a cancelled Read returned %v, %v", r.m, r.err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("messages %v; want %v", got, want)
		}
		c.Close()
		p.hearing.Wait()
		if len(p.heard) != 1 || p.heard[0].Opcode != frame.Pong {
			t.Errorf("the peer heard %v; want one pong", p.heard)
		}
	})
}

// TestRead_cancelled_anyMoment has contexts end while a peer sends as fast as it can.
func TestRead_cancelled_anyMoment(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		rnd := rand.New(rand.NewPCG(9, uint64(role)))
		c, p := l.peered(t, role, nil)
		p.hear()
		var sent []message
		for i := range 300 {
			m := message{frame.Binary, binaryOf(rnd.IntN(1 << (i % 15)))}
			if i%2 == 0 {
				m = message{frame.Text, textOf(rnd.IntN(300))}
			}
			sent = append(sent, m)
		}
		sent = append(sent, message{frame.Binary, binaryOf(300000)})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, m := range sent {
				b := slices.Concat(p.fragmented(m, rnd)...)
				for len(b) > 0 { // dribbled, in writes of any length
					n := min(len(b), 1+rnd.IntN(1+len(b)/2))
					p.send(b[:n])
					b = b[n:]
				}
			}
		}()
		calledOff := 0
		for i, try := 0, 0; i < len(sent); try++ {
			ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond<<(try%12))
			m, err := c.Read(ctx)
			cancel()
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				calledOff++
			case err != nil:
				t.Fatalf("message %d: %v", i, err)
			case m.Op != sent[i].op || string(m.Data) != sent[i].data:
				t.Fatalf("message %d: %v of %d bytes; want the %v of %d bytes that was sent", i, m.Op, len(m.Data), sent[i].op, len(sent[i].data))
			default:
				i++
			}
		}
		<-done
		if calledOff == 0 {
			t.Error("no context ended in time")
		}
		c.Close()
		p.hearing.Wait()
	})
}

// TestRead_deadline: a context's deadline ends a Read at its time, and a later Read gets the message.
func TestRead_deadline(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		b := p.frame(0x81, textOf(20))
		begin := time.Now()
		for i, part := range [][]byte{b[:1], b[1:10], b[10:]} {
			after := time.Duration(i+1) * time.Second
			ctx, cancel := context.WithDeadline(t.Context(), begin.Add(after))
			defer cancel()
			if m, err := c.Read(ctx); err != context.DeadlineExceeded {
				t.Fatalf("Read = %v, %v; want %v", m, err, context.DeadlineExceeded)
			}
			if got := time.Since(begin); got != after {
				t.Errorf("Read gave up after %v; want %v", got, after)
			}
			go p.send(part)
		}
		ctx, cancel := context.WithDeadline(t.Context(), begin.Add(4*time.Second))
		defer cancel()
		if m, err := c.Read(ctx); err != nil || string(m.Data) != textOf(20) {
			t.Errorf("Read = %v, %v; want the message", m, err)
		}
	})
}

// TestRead_contextEnded: a context that had ended before the call ends it, whatever is there to read.
func TestRead_contextEnded(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		go p.send(p.frame(0x81, "one"), p.frame(0x81, "two"))
		if m, err := c.Read(t0); err != nil || string(m.Data) != "one" {
			t.Fatalf("Read = %q, %v", m.Data, err)
		}
		ended, cancel := context.WithCancel(t0)
		cancel()
		if m, err := c.Read(ended); err != context.Canceled {
			t.Errorf("Read = %q, %v; want %v", m.Data, err, context.Canceled)
		}
		if _, _, err := c.NextReader(ended); err != context.Canceled {
			t.Errorf("NextReader: %v; want %v", err, context.Canceled)
		}
		for _, err := range c.Messages(ended) {
			if err != context.Canceled {
				t.Errorf("Messages: %v; want %v", err, context.Canceled)
			}
		}
		if m, err := c.Read(t0); err != nil || string(m.Data) != "two" {
			t.Errorf("Read = %q, %v; want what was there", m.Data, err)
		}
	})
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

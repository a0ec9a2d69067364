package conn_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/frame"
)

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

package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestNextWriter_closed: a message that was ended takes nothing more, and does not harm the next one.
func TestNextWriter_closed(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	w, err := c.NextWriter(t0, frame.Binary)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "one")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	next, err := c.NextWriter(t0, frame.Binary)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(next, "two")
	for range 2 {
		if n, err := io.WriteString(w, "late"); n != 0 || err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("Write to an ended message = %d, %v; want an error that is not the connection's end", n, err)
		}
		if err := w.Close(); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("Close of an ended message: %v; want an error that is not the connection's end", err)
		}
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := drain(p, 10), "\x82\x03one\x82\x03two"; got != want {
		t.Errorf("sent %q; want %q", got, want)
	}
}

// drain reads n bytes of what the connection sent.
func drain(p *peer, n int) string {
	b := make([]byte, n)
	n, _ = io.ReadFull(p.rw, b)
	return string(b[:n])
}

// TestNextWriter_cancelled: where nothing of the message has left, the connection goes on; else it ends.
func TestNextWriter_cancelled(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		ctx, cancel := context.WithCancel(t0)
		w, err := c.NextWriter(ctx, frame.Text)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, "never sent")
		cancel()
		if err := w.Close(); err != context.Canceled {
			t.Errorf("Close: %v; want %v", err, context.Canceled)
		}
		if err := c.Write(t0, frame.Text, []byte("goes on")); err != nil {
			t.Errorf("Write: %v", err)
		}

		ctx, cancel = context.WithCancel(t0)
		if w, err = c.NextWriter(ctx, frame.Text); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 20000)); err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := w.Write(make([]byte, 20000)); err != context.Canceled {
			t.Errorf("Write: %v; want %v", err, context.Canceled)
		}
		if err := w.Close(); err != context.Canceled {
			t.Errorf("Close: %v; want %v, as Write", err, context.Canceled)
		}
		wantCloseError(t, c.Write(t0, frame.Text, nil), conn.CloseError{Code: closecode.AbnormalClosure, Err: context.Canceled})
		p.hearing.Wait()
		if len(p.heard) == 0 || p.heard[0].payload != "goes on" {
			t.Errorf("the peer heard %d frames; want the message first", len(p.heard))
		}
	})
}

// TestNextWriter_ended: a connection that ends in the middle of a message ends the message.
func TestNextWriter_ended(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		for _, begun := range []bool{false, true} {
			c, p := l.peered(t, role, nil)
			p.hear()
			w, err := c.NextWriter(t0, frame.Text)
			if err != nil {
				t.Fatal(err)
			}
			if begun {
				w.Write(make([]byte, 20000))
			}
			io.WriteString(w, "x")
			c.Close()
			for range 2 {
				if err := w.Close(); !errors.Is(err, net.ErrClosed) {
					t.Errorf("Close: %v; want the connection's end", err)
				}
				if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
					t.Errorf("Write = %d, %v; want the connection's end", n, err)
				}
			}
			p.hearing.Wait()
		}
	})
}

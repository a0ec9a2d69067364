package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// wantEnd checks err, and that the connection gives the same from now on, wherever it is asked.
func wantEnd(t *testing.T, c *conn.Conn, err error, want conn.CloseError) {
	t.Helper()
	e, ok := errors.AsType[*conn.CloseError](err)
	if !ok || e.Code != want.Code || e.Reason != want.Reason || e.Remote != want.Remote || e.Err != want.Err {
		t.Errorf("the end is %#v; want %#v", err, want)
	}
	wantSameEnd(t, c, err)
}

// wantSameEnd checks that an ended connection gives the same error wherever it is asked, and that it is net.ErrClosed.
func wantSameEnd(t *testing.T, c *conn.Conn, err error) {
	t.Helper()
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("the end %v is not net.ErrClosed", err)
	}
	for range 2 {
		_, readErr := c.Read(t.Context())
		_, _, readerErr := c.NextReader(t.Context())
		_, writerErr := c.NextWriter(t.Context(), frame.Text)
		_, pingErr := c.Ping(t.Context())
		var onCloseErr error
		onClose := &conn.Events{OnClose: func(_ *conn.Conn, err error) { onCloseErr = err }}
		for what, got := range map[string]error{
			"Read": readErr, "NextReader": readerErr, "NextWriter": writerErr, "Ping": pingErr,
			"Write": c.Write(t.Context(), frame.Text, nil), "WritePing": c.WritePing(nil), "WritePong": c.WritePong(nil),
			"Serve": c.Serve(t.Context(), onClose), "OnClose": onCloseErr,
		} {
			if got != err {
				t.Errorf("%s on the ended connection: %v; want %v, as before", what, got, err)
			}
		}
	}
}

// unreadBehind names the callers that have messages waiting when Shutdown is called, which it drops when nobody has come
// for readerGrace.
var unreadBehind = map[string]bool{
	"between two reads": true, "in the body of Messages": true, "in OnMessage": true, "while OnMessage runs": true,
}

// callers are the places that Shutdown is called from. Each runs the connection, calls shutdown once in its own way, and returns
// when the connection has ended, with the reader's error, if there is a reader.
var callers = []struct {
	name string
	run  func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error
}{
	{"nobody reads", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		shutdown()
		_, err := c.Read(t.Context())
		return err
	}},
	{"while another goroutine is in Read", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		wait := inBackground(func() error { _, err := c.Read(t.Context()); return err })
		synctest.Wait()
		shutdown()
		return wait()
	}},
	{"while Serve waits", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		wait := inBackground(func() error { return c.Serve(t.Context(), nil) })
		synctest.Wait()
		shutdown()
		return wait()
	}},
	{"while a driver waits", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		wait := inBackground(func() error { return servings[1].all(c, nil) })
		synctest.Wait()
		shutdown()
		return wait()
	}},
	{"while a driver with little room waits", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		wait := inBackground(func() error { return servings[2].all(c, nil) })
		synctest.Wait()
		shutdown()
		return wait()
	}},
	{"while a function of a driver runs", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(1, frame.Text, []byte("alone"))
		entered, leave := make(chan struct{}), make(chan struct{})
		wait := inBackground(func() error {
			return servings[1].all(c, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
				close(entered)
				<-leave
				if kept := m.Detach(); string(kept.B) != "alone" {
					t.Errorf("the message reads %q after Shutdown; want %q", kept.B, "alone")
				}
			}})
		})
		<-entered
		begun := inBackground(func() bool { shutdown(); return true })
		synctest.Wait()
		close(leave) // only the loop can see the end of the closing handshake
		begun()
		return wait()
	}},
	{"between two reads", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(3, frame.Text, []byte("read, and dropped twice"))
		if _, err := c.Read(t.Context()); err != nil {
			t.Error(err)
		}
		shutdown()
		_, err := c.Read(t.Context())
		return err
	}},
	{"in the body of Messages", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(2, frame.Text, []byte("one"))
		n := 0
		for _, err := range c.Messages(t.Context()) {
			if n++; err != nil || n > 1 {
				return err
			}
			shutdown()
		}
		_, err := c.Read(t.Context())
		return err
	}},
	{"in the middle of a NextReader's message", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.sendRaw(far.appendFrame(nil, frame.Text, false, []byte("first part")))
		_, r, err := c.NextReader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		shutdown()
		_, err = io.ReadAll(r)
		return err
	}},
	{"in the middle of a NextWriter's message", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		w, err := c.NextWriter(t.Context(), frame.Binary)
		if err == nil {
			_, err = w.Write(make([]byte, 20<<10))
		}
		if err != nil {
			t.Fatal(err)
		}
		wait := inBackground(func() error { return c.Serve(t.Context(), nil) })
		wrote := inBackground(func() error {
			for {
				if _, err := w.Write(make([]byte, 20<<10)); err != nil {
					return err
				}
				<-time.After(time.Millisecond) // the bubble's time: the writer goes on during the closing handshake
			}
		})
		synctest.Wait()
		shutdown()
		if err := wrote(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the message's writer got %v; want net.ErrClosed", err)
		}
		return wait()
	}},
	{"in OnOpen", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		return c.Serve(t.Context(), &conn.Events{OnOpen: func(*conn.Conn) { shutdown() }})
	}},
	{"in OnMessage", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(3, frame.Text, []byte("alone"))
		return c.Serve(t.Context(), &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
			shutdown()
			if string(m.Data) != "alone" {
				t.Errorf("the message reads %q after Shutdown; want %q", m.Data, "alone")
			}
		}})
	}},
	{"in OnPing", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(2, frame.Ping, nil)
		return c.Serve(t.Context(), &conn.Events{OnPing: func(*conn.Conn, []byte) { shutdown() }})
	}},
	{"in OnPong", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(2, frame.Pong, nil)
		return c.Serve(t.Context(), &conn.Events{OnPong: func(*conn.Conn, []byte) { shutdown() }})
	}},
	{"while OnMessage runs", func(t *testing.T, c *conn.Conn, far *farEnd, shutdown func()) error {
		far.segment(3, frame.Text, []byte("alone"))
		entered, leave := make(chan struct{}), make(chan struct{})
		wait := inBackground(func() error {
			return c.Serve(t.Context(), &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
				close(entered) // panics when called again
				<-leave
				if kept := m.Detach(); string(kept.B) != "alone" {
					t.Errorf("the message reads %q after Shutdown; want %q", kept.B, "alone")
				}
			}})
		})
		<-entered
		shutdown()
		close(leave)
		return wait()
	}},
}

// readers read from a connection until it ends, in each of the ways there are, and return why.
var readers = map[string]func(context.Context, *conn.Conn) error{
	"Read": func(ctx context.Context, c *conn.Conn) error {
		for {
			if _, err := c.Read(ctx); err != nil {
				return err
			}
		}
	},
	"NextReader": func(ctx context.Context, c *conn.Conn) error {
		for {
			_, r, err := c.NextReader(ctx)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if err != nil {
				return err
			}
		}
	},
	"Serve": func(ctx context.Context, c *conn.Conn) error {
		return c.Serve(ctx, &conn.Events{OnMessage: func(*conn.Conn, conn.Message) {}})
	},
	"driven": func(_ context.Context, c *conn.Conn) error {
		return servings[1].all(c, &conn.Events{OnMessage: func(*conn.Conn, conn.Message) {}})
	},
}

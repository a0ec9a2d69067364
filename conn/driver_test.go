package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_refused: nobody but the driver reads from a driven connection, and who tries is told so, until it has ended.
func TestDriver_refused(t *testing.T) {
	x := overWire(t, frame.Server, nil, nil, -1)
	tries := map[string]func() error{
		"Read":       func() error { _, err := x.c.Read(t0); return err },
		"NextReader": func() error { _, _, err := x.c.NextReader(t0); return err },
		"Messages": func() error {
			for _, err := range x.c.Messages(t0) {
				return err
			}
			return nil
		},
		"Serve": func() error {
			var j journal
			err := x.c.Serve(t0, j.events(nil))
			if len(j.calls) > 0 && !errors.Is(err, net.ErrClosed) {
				t.Errorf("a Serve that was refused called %q", j.calls)
			}
			return err
		},
		"NetConn": func() error { _, err := conn.NetConn(x.c, frame.Text).Read(make([]byte, 1)); return err },
		"Drive":   func() error { _, err := x.c.Drive(&wire{t: t}, nil); return err },
	}
	for name, try := range tries {
		if err := try(); err == nil || errors.Is(err, net.ErrClosed) || !strings.Contains(err.Error(), "event loop") {
			t.Errorf("%s: %v; want an error that tells of the event loop", name, err)
		}
	}
	x.feed(x.p.frame(0x81, "goes on"))
	x.close()
	for name, try := range tries {
		if err := try(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after the end: %v; want the end", name, err)
		}
	}
}

// TestDriver_shutdownInCallback: a function of Events that shuts the connection down does not wait, and nothing but OnClose is called any more after the
// peer's Close.
func TestDriver_shutdownInCallback(t *testing.T) {
	for _, where := range []string{"open", "message", "ping", "pong", "drain", "close"} {
		for _, elsewhere := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				then := func(c *conn.Conn, call string) {
					if call != where {
						return
					}
					shutdown := func() error { return c.Shutdown(t0, closecode.GoingAway, "bye") }
					if elsewhere && call != "close" {
						go shutdown()
						return
					}
					if err := shutdown(); err != nil && call != "close" {
						t.Errorf("%s: Shutdown: %v", where, err)
					}
				}
				ev := j.events(then)
				ev.OnDrain = func(c *conn.Conn) { then(c, "drain") }
				x := overWire(t, frame.Server, nil, ev, 0)
				begun := time.Now()
				x.write("m")
				x.writable(-1)
				x.feed(x.p.frame(0x89, ""), x.p.frame(0x8A, ""), x.p.frame(0x81, "m"))
				if time.Since(begun) != 0 {
					t.Errorf("%s: Shutdown on the loop took %v", where, time.Since(begun))
				}
				synctest.Wait()
				code := closecode.GoingAway
				if where == "close" {
					code = closecode.AbnormalClosure
				}
				x.wantArrived(code, "m")
				x.d.Feed(slices.Concat(x.p.frame(0x88, "\x03\xE9"), x.p.frame(0x81, "late")))
				if !x.d.End(io.EOF) {
					t.Errorf("%s: End = false", where)
				}
				j.want(t, "open", "ping ", "pong ", "text m", "close")
			})
		}
	}
}

// TestConn_Drive: what was read too far and what was gathered is not lost, and the old transport is left alone.
func TestConn_Drive(t *testing.T) {
	for _, role := range roles {
		a, b := pipeLink.ends(t)
		p := newPeer(t, b, role.Peer())
		c := conn.New(a, role, nil)
		c.Unread(slices.Concat(p.frame(0x81, "early"), p.frame(0x81, "second"), p.frame(0x81, "third")[:3]))
		m, err := c.Read(t0)
		if err != nil || string(m.Data) != "early" {
			t.Fatalf("Read: %q, %v", m.Data, err)
		}
		if err := c.Write(t0, frame.Text, []byte("gathers")); err != nil {
			t.Fatal(err)
		}
		w := &wire{t: t, room: -1}
		var j journal
		d, err := c.Drive(w, j.events(nil))
		if err != nil {
			t.Fatal(err)
		}
		x := &wired{t: t, d: d, c: c, w: w, p: p}
		x.feed()
		x.wantArrived(closecode.AbnormalClosure, "gathers")
		x.c.Unread(nil)
		rest := p.frame(0x81, "third")
		if role == frame.Client { // whose peer does not mask
			x.feed(rest[3:])
			j.want(t, "open", "text second", "text third")
		} else {
			j.want(t, "open", "text second")
		}
		x.close()
		if n, err := a.Write([]byte("still open")); n == 0 || err != nil {
			t.Errorf("the old transport: %v", err)
		}
	}
}

// TestConn_Drive_refused: a connection that is read from, or has ended, is not driven, and goes on as it was.
func TestConn_Drive_refused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := conn.Pipe(nil, nil)
		drive := func(when string, c *conn.Conn) {
			if d, err := c.Drive(&wire{t: t}, nil); d != nil || err == nil {
				t.Errorf("%s: Drive = %v, %v; want an error", when, d, err)
			}
		}
		served := inBackground(func() error {
			return server.Serve(t0, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
				drive("in a callback", c)
				c.Write(t0, m.Op, m.Data)
			}})
		})
		reads := inBackground(func() error { _, err := client.Read(t0); return err })
		synctest.Wait()
		drive("during Serve", server)
		drive("during Read", client)
		client.Write(t0, frame.Text, []byte("m"))
		if err := reads(); err != nil {
			t.Error(err)
		}
		client.Close()
		drive("after the end", client)
		served()
		drive("after the end", server)

		a, b := net.Pipe()
		c := conn.New(struct{ io.ReadWriteCloser }{a}, frame.Server, nil)
		ctx, cancel := context.WithTimeout(t0, time.Second)
		defer cancel()
		c.Read(ctx)
		drive("with a read that was left", c)
		c.Close()
		b.Close()
	})
}

// TestConn_Drive_busy: Drive waits for who is writing to the old transport.
func TestConn_Drive_busy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer b.Close()
		c := conn.New(a, frame.Server, nil)
		wrote := inBackground(func() error { return c.Write(t0, frame.Text, []byte("old")) })
		synctest.Wait()
		w := &wire{t: t, room: -1}
		drive := inBackground(func() *conn.Driver {
			d, err := c.Drive(w, nil)
			if err != nil {
				t.Error(err)
			}
			return d
		})
		synctest.Wait()
		buf := make([]byte, 100)
		if n, err := io.ReadFull(b, buf[:5]); err != nil || string(buf[:n]) != "\x81\x03old" {
			t.Errorf("the old transport has %q, %v", buf[:n], err)
		}
		if err := wrote(); err != nil {
			t.Error(err)
		}
		x := &wired{t: t, d: drive(), c: c, w: w, p: &peer{t: t, role: frame.Client}}
		x.write("new")
		x.wantArrived(closecode.AbnormalClosure, "new")
		x.close()
		a.Close()
	})
}

// TestConn_Unread_driven: what is unread goes before what is fed.
func TestConn_Unread_driven(t *testing.T) {
	var j journal
	x := overWire(t, frame.Client, nil, j.events(nil), -1)
	m := x.p.frame(0x81, "message")
	x.c.Unread(m[:4])
	x.feed(m[4:])
	x.close()
	j.want(t, "open", "text message", "close")
}

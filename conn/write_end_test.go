package conn_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestWrite_lost: a write to a peer that has gone ends the connection, with 1006 and what the transport said.
func TestWrite_lost(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		for _, size := range []int{10, 100000} {
			c, p := l.peered(t, role, nil)
			p.rw.Close()
			var first error
			for range 1000 { // a socket takes some before it knows
				if first = c.Write(t0, frame.Binary, make([]byte, size)); first != nil {
					break
				}
			}
			e, ok := errors.AsType[*conn.CloseError](first)
			if !ok || e.Code != closecode.AbnormalClosure || e.Remote || e.Err == nil || !errors.Is(first, net.ErrClosed) {
				t.Fatalf("Write: %#v; want a *CloseError with code 1006 and a cause", first)
			}
			if err := c.Write(t0, frame.Binary, nil); err != first {
				t.Errorf("Write once more: %v; want the same error", err)
			}
			if _, err := c.Read(t0); err != first {
				t.Errorf("Read: %v; want the same error", err)
			}
		}
	})
}

// TestWrite_cancelled: a context that ends while the transport does not take the frame ends the write at its time, and the connection with it.
func TestWrite_cancelled(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		for _, size := range []int{70000, 300000} {
			c, _ := l.peered(t, role, nil)
			begin := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var err error
			for err == nil {
				err = c.Write(ctx, frame.Binary, make([]byte, size))
			}
			if err != context.DeadlineExceeded || time.Since(begin) != time.Second {
				t.Errorf("Write: %v after %v; want %v after 1s", err, time.Since(begin), context.DeadlineExceeded)
			}
			_, end := c.Read(t0)
			wantCloseError(t, end, conn.CloseError{Code: closecode.AbnormalClosure, Err: context.DeadlineExceeded})
			if err := c.Write(t0, frame.Binary, nil); err != end {
				t.Errorf("Write once more: %v; want the connection's end, %v", err, end)
			}
		}
	})
}

// TestWrite_cancelled_socket is the same over sockets, whose buffers must be filled first. A context that ends between two writes does not
// end the connection.
func TestWrite_cancelled_socket(t *testing.T) {
	for _, l := range []link{tcpLink, unixLink} {
		for _, role := range roles {
			for _, size := range []int{1000, 1 << 20} {
				c, _ := l.peered(t, role, nil)
				for endOf(c) == nil {
					ctx, cancel := context.WithTimeout(t0, 5*time.Millisecond)
					var err error
					for err == nil {
						err = c.Write(ctx, frame.Binary, make([]byte, size))
					}
					cancel()
					if err != context.DeadlineExceeded {
						t.Fatalf("%s: Write of %d bytes: %v; want %v", l.name, size, err, context.DeadlineExceeded)
					}
				}
				wantCloseError(t, endOf(c), conn.CloseError{Code: closecode.AbnormalClosure, Err: context.DeadlineExceeded})
				if err := c.Write(t0, frame.Text, nil); err != endOf(c) {
					t.Errorf("%s: Write once more: %v; want the connection's end", l.name, err)
				}
			}
		}
	}
}

// endOf returns why the connection ended, nil if it goes on. Nobody may be reading.
func endOf(c *conn.Conn) error {
	ctx, cancel := context.WithCancel(t0)
	cancel()
	if _, err := c.Read(ctx); err != context.Canceled {
		return err
	}
	return nil
}

// TestWrite_afterClose: nothing may follow a Close frame, from either side.
func TestWrite_afterClose(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		shutdown := inBackground(func() error { return c.Shutdown(t0, closecode.GoingAway, "") })
		r := p.reader()
		if f, err := readFrame(r); err != nil || f.Opcode != frame.Close {
			t.Fatalf("the peer reads %v, %v; want a Close frame", f.Opcode, err)
		}
		synctest.Wait()
		for _, size := range []int{0, 100000} {
			if err := c.Write(t0, frame.Text, make([]byte, size)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Write behind a Close frame: %v; want net.ErrClosed", err)
			}
		}
		if _, err := c.NextWriter(t0, frame.Text); !errors.Is(err, net.ErrClosed) {
			t.Errorf("NextWriter behind a Close frame: %v; want net.ErrClosed", err)
		}
		for _, write := range []func([]byte) error{c.WritePing, c.WritePong} {
			if err := write(nil); !errors.Is(err, net.ErrClosed) {
				t.Errorf("control frame behind a Close frame: %v; want net.ErrClosed", err)
			}
		}
		go p.send(slices.Concat(p.frame(0x81, "late"), p.frame(0x88, "")))
		go func() {
			if f, err := readFrame(r); err == nil {
				t.Errorf("the peer reads %v behind the Close frame", f.Opcode)
			}
			p.rw.Close()
		}()
		if err := shutdown(); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

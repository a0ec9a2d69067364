package conn_test

import (
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_Shutdown_refused: what no Close frame may carry is refused, and the connection goes on.
func TestDriver_Shutdown_refused(t *testing.T) {
	x := overWire(t, frame.Server, nil, nil, -1)
	x.feed()
	for _, code := range []closecode.Code{0, 999, closecode.AbnormalClosure, 5000} {
		if err := x.d.Shutdown(t0, code, ""); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("Shutdown with code %v: %v; want an error that is not the end", code, err)
		}
	}
	if err := x.d.Shutdown(t0, closecode.NormalClosure, strings.Repeat("x", 124)); err == nil {
		t.Error("Shutdown with a reason of 124 bytes: no error")
	}
	x.write("goes on")
	x.wantArrived(closecode.AbnormalClosure, "goes on")
	x.close()
}

// TestDriver_Shutdown_after: when the transport is closed, Shutdown tells how that came.
func TestDriver_Shutdown_after(t *testing.T) {
	x := overWire(t, frame.Server, nil, nil, -1)
	x.feed()
	x.d.Feed(x.p.frame(0x88, "\x03\xE8"))
	x.d.End(io.EOF)
	if err := x.c.Shutdown(t0, closecode.NormalClosure, ""); err != nil {
		t.Errorf("Shutdown after the closing handshake: %v; want nil", err)
	}
	x = overWire(t, frame.Server, nil, nil, -1)
	x.feed()
	x.c.Close()
	if err := x.d.Shutdown(t0, closecode.NormalClosure, ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Shutdown after Close: %v; want the end", err)
	}
	x.d.End(nil)
}

// TestDriver_endInCallback: what ends the connection in a function is the last that is called, but for OnClose; Feed tells of it, and nothing is read on.
func TestDriver_endInCallback(t *testing.T) {
	for _, where := range []string{"open", "ping", "pong", "message"} {
		for name, end := range map[string]func(c *conn.Conn){
			"Close": func(c *conn.Conn) { c.Close() },
			"panic": func(*conn.Conn) { panic("the reason of the panic") },
		} {
			opts, _ := reports()
			var j journal
			x := overWire(t, frame.Client, opts, j.events(func(c *conn.Conn, call string) {
				if call == where {
					end(c)
				}
			}), -1)
			all := []string{"open", "ping p", "pong q", "text m"}
			err := x.d.Feed([]byte("\x89\x01p" + "\x8A\x01q" + "\x81\x01m" + "\x81\x01m"))
			if err == nil || x.d.Feed([]byte("\x81\x01m")) != err {
				t.Errorf("%s in %s: Feed: %v; want the end, for ever", name, where, err)
			}
			x.w.mu.Lock()
			closed := x.w.closed
			x.w.mu.Unlock()
			if name == "Close" && !closed {
				t.Errorf("%s in %s: the transport is not closed", name, where)
			}
			if err := x.d.Writable(); err == nil {
				t.Errorf("%s in %s: Writable: no error", name, where)
			}
			x.d.End(nil)
			n := map[string]int{"open": 1, "ping": 2, "pong": 3, "message": 4}[where]
			j.want(t, append(all[:n:n], "close")...)
		}
	}
}

// TestDriver_End_first: a driver that ends before it was ever fed calls OnClose alone.
func TestDriver_End_first(t *testing.T) {
	for _, err := range []error{nil, io.EOF, io.ErrUnexpectedEOF} {
		var j journal
		x := overWire(t, frame.Server, nil, j.events(nil), -1)
		if !x.d.End(err) || !x.w.isClosed() {
			t.Errorf("End(%v) does not end the connection", err)
		}
		j.want(t, "close")
		want := err
		if err == nil {
			want = net.ErrClosed
		}
		_, got := x.c.Read(t0)
		wantEndErr(t, got, want)
	}
}

// TestDriver_nextWriterFull: a message of unknown length does not begin while more than WriteQueue bytes wait.
func TestDriver_nextWriterFull(t *testing.T) {
	x := overWire(t, frame.Server, &conn.Options{WriteQueue: 1000}, nil, 0)
	x.write(strings.Repeat("x", 1001))
	if _, err := x.c.NextWriter(t0, frame.Text); err != conn.ErrQueueFull {
		t.Errorf("NextWriter: %v; want %v", err, conn.ErrQueueFull)
	}
	x.flush()
	if err := sendStream(x.c, []byte("stream")); err != nil {
		t.Error(err)
	}
	x.wantArrived(closecode.AbnormalClosure, strings.Repeat("x", 1001), "stream")
	x.close()
}

// TestDriver_shutdownWhileCompressing: a Close frame may overtake a long message that is being compressed, and what is behind that. Then neither is sent, and
// nothing behind the Close frame.
func TestDriver_shutdownWhileCompressing(t *testing.T) {
	long := []byte(proseOf(100_000))
	opts := inContext.options()
	opts.WriteQueue = -1
	for range 50 {
		x := overWire(t, frame.Server, opts, nil, -1)
		x.feed()
		wrote := inBackground(func() error {
			var err error
			for err == nil {
				err = x.c.Write(t0, frame.Text, long)
			}
			return err
		})
		behind := inBackground(func() error {
			var err error
			for err == nil {
				err = x.c.Write(t0, frame.Text, []byte("behind"))
				runtime.Gosched()
			}
			return err
		})
		runtime.Gosched()
		x.d.Shutdown(t0, closecode.NormalClosure, "")
		for _, err := range []error{wrote(), behind()} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("Write: %v; want it refused", err)
			}
		}
		got, err := x.arrived()
		if code, _ := closecode.Of(err); code != closecode.NormalClosure {
			t.Errorf("behind %d messages: %v; want a Close frame", len(got), err)
		}
		f := x.frames()
		if last := f[len(f)-1]; last.Opcode != frame.Close {
			t.Errorf("%v behind the Close frame", last.Opcode)
		}
		x.close()
	}
}

package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestWrite: each message arrives as one frame, masked by a client, whatever its size and the transport. The caller may change
// what it gave as soon as Write has returned.
func TestWrite(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		sent := append(borderMessages(), limitMessages()...)
		for _, m := range sent {
			b := []byte(m.data)
			if err := c.Write(t0, m.op, b); err != nil {
				t.Fatal(err)
			}
			if string(b) != m.data {
				t.Fatalf("Write has changed the %d bytes it was given", len(b))
			}
			clear(b)
		}
		shutDown(t, c)
		heard := p.ended()
		wantClose(t, heard, closecode.NormalClosure)
		if len(heard) != len(sent)+1 {
			t.Fatalf("%d frames; want %d and a Close frame", len(heard)-1, len(sent))
		}
		keys := make(map[frame.Key]bool)
		for i, m := range sent {
			if f := heard[i]; f.Opcode != m.op || !f.Fin || f.payload != m.data {
				t.Errorf("frame %d: %v of %d bytes, FIN %v; want the %v of %d bytes that was sent", i, f.Opcode, len(f.payload), f.Fin, m.op, len(m.data))
			}
			keys[heard[i].Key] = true
		}
		if role == frame.Client && len(keys) < len(sent)-2 {
			t.Errorf("%d masking keys for %d frames", len(keys), len(sent))
		}
	})
}

// shutDown performs the closing handshake, with the reading left to it.
func shutDown(t *testing.T, c *conn.Conn) {
	t.Helper()
	if err := c.Shutdown(t0, closecode.NormalClosure, ""); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// TestWrite_echo sends all messages through two connections of this package, to and fro.
func TestWrite_echo(t *testing.T) {
	for _, l := range links {
		for _, way := range readings {
			t.Run(l.name+"/"+way.name, func(t *testing.T) {
				client, server := l.pair(t, nil)
				served := inBackground(func() error {
					return server.Serve(t0, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
						if err := c.Write(t0, m.Op, m.Data); err != nil {
							t.Errorf("the server's Write: %v", err)
						}
					}})
				})
				sent := borderMessages()
				wrote := inBackground(func() error {
					for _, m := range sent {
						if err := client.Write(t0, m.op, []byte(m.data)); err != nil {
							return err
						}
					}
					return client.Write(t0, frame.Text, []byte("last"))
				})
				n := 0
				err := way.all(client, func(op frame.Opcode, data []byte) {
					if n == len(sent) {
						go client.Shutdown(t0, closecode.NormalClosure, "")
						return
					}
					if want := sent[n]; op != want.op || string(data) != want.data {
						t.Errorf("echo %d: %v of %d bytes; want the %v of %d bytes that was sent", n, op, len(data), want.op, len(want.data))
					}
					n++
				})
				if err := wrote(); err != nil || n != len(sent) {
					t.Errorf("%d echoes, error of the writer %v; want %d", n, err, len(sent))
				}
				wantCloseError(t, err, conn.CloseError{Code: closecode.NormalClosure})
				wantCloseError(t, served(), conn.CloseError{Code: closecode.NormalClosure, Remote: true})
			})
		}
	}
}

// TestWrite_opcode: what is no message is refused, and costs the connection nothing.
func TestWrite_opcode(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	for op := range frame.Opcode(32) {
		if op.IsData() {
			continue
		}
		if err := c.Write(t0, op, []byte("x")); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("Write of %v: %v; want an error that is not the connection's end", op, err)
		}
		if _, err := c.NextWriter(t0, op); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("NextWriter of %v: %v; want an error that is not the connection's end", op, err)
		}
	}
	if err := c.Write(t0, frame.Text, []byte("fine")); err != nil {
		t.Fatal(err)
	}
	if f, err := readFrame(p.reader()); err != nil || f.payload != "fine" {
		t.Errorf("the peer reads %v %q, %v; want the one message", f.Opcode, f.payload, err)
	}
}

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

// TestWrite_onePiece: a message of up to 16 KiB leaves in one write of the transport, and a longer one in as few as its parts of 64 KiB.
func TestWrite_onePiece(t *testing.T) {
	for _, role := range roles {
		for _, tt := range []struct {
			size                   int
			fromServer, fromClient int // writes
		}{{0, 1, 1}, {125, 1, 1}, {16384, 1, 1}, {16385, 2, 1}, {65536, 2, 1}, {65537, 2, 2}, {1 << 20, 2, 16}} {
			a, b := pipeLink.ends(t)
			w := &recording{ReadWriteCloser: a}
			c := conn.New(w, role, nil)
			go io.Copy(io.Discard, b)
			if err := c.Write(t0, frame.Binary, make([]byte, tt.size)); err != nil {
				t.Fatal(err)
			}
			want := tt.fromServer
			if role == frame.Client {
				want = tt.fromClient
			}
			if len(w.writes) != want {
				t.Errorf("%v, %d bytes: writes of %v bytes; want %d", role, tt.size, w.writes, want)
			}
			c.Close()
			b.Close()
		}
	}
}

// recording remembers how long the reads that were asked of it and the writes were. For one reader and one writer at a time.
type recording struct {
	io.ReadWriteCloser
	reads, writes []int
}

func (r *recording) Read(p []byte) (int, error) {
	r.reads = append(r.reads, len(p))
	return r.ReadWriteCloser.Read(p)
}

func (r *recording) Write(p []byte) (int, error) {
	r.writes = append(r.writes, len(p))
	return r.ReadWriteCloser.Write(p)
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

package conn_test

import (
	"errors"
	"io"
	"net"
	"testing"

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
				// One that is driven must read on while the server, whose writes wait, reads no more.
				client, server := l.pair(t, &conn.Options{HighWater: -1, WriteQueue: -1})
				served := inBackground(func() error {
					return server.Serve(t0, &conn.Events{OnOpen: func(c *conn.Conn) { c.Write(t0, frame.Text, nil) }, OnMessage: func(c *conn.Conn, m conn.Message) {
						if err := c.Write(t0, m.Op, m.Data); err != nil {
							t.Errorf("the server's Write: %v", err)
						}
					}})
				})
				sent := borderMessages()
				reads := make(chan struct{}) // closed then: Drive waits for who is writing, who waits for a server whose echoes nobody reads
				wrote := inBackground(func() error {
					<-reads
					for _, m := range sent {
						if err := client.Write(t0, m.op, []byte(m.data)); err != nil {
							return err
						}
					}
					return client.Write(t0, frame.Text, []byte("last"))
				})
				n := -1
				err := way.all(client, func(op frame.Opcode, data []byte) {
					if n < 0 {
						close(reads)
						n++
						return
					}
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

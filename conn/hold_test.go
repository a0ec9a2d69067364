package conn_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// declared are streams that promise much more than they bring.
func declared(p *peer) map[string]struct {
	stream []byte
	have   int   // bytes of the message received
	left   int64 // and to come, of the frame
} {
	const huge = 1 << 30
	return map[string]struct {
		stream []byte
		have   int
		left   int64
	}{
		"a header":                  {p.head(0x82, huge), 0, huge},
		"a header and a byte":       {append(p.head(0x82, huge), 'x'), 1, huge - 1},
		"a header and 1,500 bytes":  {append(p.head(0x82, huge), binaryOf(1500)...), 1500, huge - 1500},
		"a header behind a message": {append(p.frame(0x82, binaryOf(500)), p.head(0x81, huge)...), 0, huge},
		"a second fragment":         {slices.Concat(p.frame(0x02, "x"), p.frame(0x00, ""), p.head(0x80, huge), []byte("y")), 2, huge - 1},
		"all that a length can say": {p.head(0x82, 1<<63-1), 0, 1<<63 - 1},
	}
}

// TestHeld_declared: a length that was declared costs nothing until the bytes come, with "no limit" too. What waits for them holds at most 8 KiB.
func TestHeld_declared(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		for name, tt := range declared(&peer{role: role.Peer()}) {
			for _, way := range readings {
				c, p := l.peered(t, role, &conn.Options{MaxMessage: -1})
				done := inBackground(func() error { return way.all(c, func(frame.Opcode, []byte) {}) })
				go p.send(tt.stream)
				synctest.Wait()
				if _, left := c.Received(); left != tt.left {
					t.Errorf("%s, %s: %d bytes to come; want %d", name, way.name, left, tt.left)
				}
				if held := c.Held(); held > 8<<10 {
					t.Errorf("%s, %s: %d bytes held; want at most 8 KiB", name, way.name, held)
				}
				c.Close()
				if err := done(); err == nil {
					t.Errorf("%s, %s: no error", name, way.name)
				}
			}
		}
	})
}

// TestHeld_declared_socket: between two reads, a socket's connection holds what it has received of a message and nothing else.
func TestHeld_declared_socket(t *testing.T) {
	for _, l := range []link{tcpLink, unixLink} {
		for _, role := range roles {
			for name, tt := range declared(&peer{role: role.Peer()}) {
				c, p := l.peered(t, role, &conn.Options{MaxMessage: -1})
				p.send(tt.stream)
				for have, left := -1, int64(0); have != tt.have || left != tt.left; have, left = c.Received() {
					readFor(t, c, time.Millisecond)
					if held := c.Held(); held > 8<<10 {
						t.Fatalf("%s: %d bytes held; want at most 8 KiB", name, held)
					}
				}
			}
		}
	}
}

// readFor calls a Read, which may find a message or none, off after a while.
func readFor(t *testing.T, c *conn.Conn, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t0, d)
	defer cancel()
	if _, err := c.Read(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Read: %v", err)
	}
}

// TestHeld_idle: a connection that waits for a message holds no buffer on a socket and 1 KiB elsewhere, also after large ones.
func TestHeld_idle(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		got := 0
		done := inBackground(func() error {
			return c.Serve(t0, &conn.Events{OnMessage: func(_ *conn.Conn, m conn.Message) { got += len(m.Data) }})
		})
		for _, size := range []int{10, 100000, 10} {
			go p.send(p.frame(0x82, binaryOf(size)))
			synctest.Wait()
		}
		if got != 100020 {
			t.Errorf("%d bytes received; want 100,020", got)
		}
		if held := c.Held(); held > 1<<10 {
			t.Errorf("%d bytes held while waiting; want at most 1 KiB", held)
		}
		c.Close()
		done()
	})
	for _, l := range []link{tcpLink, unixLink} {
		c, p := l.peered(t, frame.Server, nil)
		p.send(p.frame(0x82, binaryOf(100000)), p.frame(0x82, "last"))
		for range 2 {
			if _, err := c.Read(t0); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t0, time.Millisecond)
		defer cancel()
		if _, err := c.Read(ctx); err != context.DeadlineExceeded {
			t.Fatal(err)
		}
		if held := c.Held(); held != 0 {
			t.Errorf("%s: %d bytes held behind a wait; want none", l.name, held)
		}
	}
}

// TestHeld_fragments: 131,000 fragments of one byte hold at most 512 KiB.
func TestHeld_fragments(t *testing.T) {
	const n = 131000
	c, p := tcpLink.peered(t, frame.Client, &conn.Options{MaxMessage: 16 << 20})
	stream := slices.Concat([]byte("\x02\x01x"), slices.Concat(slices.Repeat([][]byte{[]byte("\x00\x01x")}, n-2)...))
	sent := inBackground(func() error {
		_, err := p.rw.Write(stream)
		return err
	})
	for done := false; !done; {
		readFor(t, c, time.Millisecond)
		if held := c.Held(); held > 512<<10 {
			t.Fatalf("%d bytes held; want at most 512 KiB", held)
		}
		have, _ := c.Received()
		done = have == n-1
	}
	if err := sent(); err != nil {
		t.Fatal(err)
	}
	p.send([]byte("\x80\x01x"))
	if m, err := c.Read(t0); err != nil || len(m.Data) != n {
		t.Errorf("Read = %d bytes, %v; want %d", len(m.Data), err, n)
	}

	// Under the default limit that is no message.
	c, p = tcpLink.peered(t, frame.Client, nil)
	p.hear()
	go p.rw.Write(stream)
	if _, err := c.Read(t0); !isTooBig(err) {
		t.Errorf("Read: %v; want 1009", err)
	}
	p.hearing.Wait()
}

func isTooBig(err error) bool {
	e, ok := errors.AsType[*frame.Error](err)
	return ok && e.Code == closecode.MessageTooBig && e.Section == "RFC 6455 section 10.4"
}

// TestHeld_streaming: a message of 64 MiB is read and written as a stream with one buffer held.
func TestHeld_streaming(t *testing.T) {
	const size = 64 << 20
	part := []byte(binaryOf(1 << 20))
	for _, l := range []link{pipeLink, tcpLink} {
		for name, write := range map[string]func(w io.Writer) error{
			"large fragments": func(w io.Writer) error {
				for range size / len(part) {
					if _, err := w.Write(part); err != nil {
						return err
					}
				}
				return nil
			},
			"fragments of 16 KiB": func(w io.Writer) error {
				for range size / 4096 {
					if _, err := w.Write(part[:4096]); err != nil {
						return err
					}
				}
				return nil
			},
		} {
			t.Run(l.name+"/"+name, func(t *testing.T) {
				client, server := l.pair(t, &conn.Options{MaxMessage: -1})
				written := inBackground(func() error {
					w, err := client.NextWriter(t0, frame.Binary)
					if err == nil {
						err = write(w)
					}
					if err == nil {
						err = w.Close()
					}
					return err
				})
				_, r, err := server.NextReader(t0)
				if err != nil {
					t.Fatal(err)
				}
				got, held := 0, 0
				p := make([]byte, 100000)
				for {
					n, err := r.Read(p)
					got += n
					held = max(held, server.Held())
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				if err := written(); err != nil || got != size {
					t.Errorf("%d bytes read, error of the writer %v; want %d", got, err, size)
				}
				if held > 64<<10 {
					t.Errorf("%d bytes held; want one buffer of at most 64 KiB", held)
				}
			})
		}
	}
}

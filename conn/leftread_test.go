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

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// deadlineless has deadlines by name only, as the channels of some tunnels have.
type deadlineless struct{ io.ReadWriteCloser }

func (deadlineless) SetReadDeadline(time.Time) error {
	return errors.New("deadlines are not supported")
}
func (deadlineless) SetWriteDeadline(time.Time) error {
	return errors.New("deadlines are not supported")
}

// withoutDeadlines are transports whose reads cannot be interrupted.
var withoutDeadlines = map[string]func(io.ReadWriteCloser) io.ReadWriteCloser{
	"none":           func(rwc io.ReadWriteCloser) io.ReadWriteCloser { return bare{rwc} },
	"by name":        func(rwc io.ReadWriteCloser) io.ReadWriteCloser { return deadlineless{rwc} },
	"by name, a net": func(rwc io.ReadWriteCloser) io.ReadWriteCloser { return named{rwc.(net.Conn)} },
}

// named is a net.Conn of that kind.
type named struct{ net.Conn }

func (named) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (named) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// TestLeftRead: a read that its caller gave up goes on, alone, and the next call takes what it brings.
func TestLeftRead(t *testing.T) {
	for name, wrap := range withoutDeadlines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory.Pipe()
				reads := &counting{Conn: a}
				c := conn.New(wrap(reads), frame.Client, nil)
				defer c.Close()
				p := newPeer(t, b, frame.Server)
				begin := time.Now()
				for range 10 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					if m, err := c.Read(ctx); err != context.DeadlineExceeded {
						t.Fatalf("Read = %v, %v; want %v", m, err, context.DeadlineExceeded)
					}
					cancel()
				}
				if took := time.Since(begin); took != 10*time.Second {
					t.Errorf("10 reads of 1s took %v", took)
				}
				synctest.Wait()
				if reads.n != 1 {
					t.Errorf("%d reads of the transport; want the first one, still waiting", reads.n)
				}
				p.send(p.frame(0x81, "one"), p.frame(0x81, "two"), p.frame(0x82, binaryOf(50000)))
				for _, want := range []string{"one", "two", binaryOf(50000)} {
					if m, err := c.Read(t0); err != nil || string(m.Data) != want { // also by a context that cannot be cancelled
						t.Fatalf("Read = %.20q, %v; want %.20q", m.Data, err, want)
					}
				}
			})
		})
	}
}

// counting counts the reads that have begun. For one reader at a time.
type counting struct {
	net.Conn
	n int
}

func (r *counting) Read(p []byte) (int, error) {
	r.n++
	return r.Conn.Read(p)
}

// TestLeftRead_stream: it also serves the reads that go straight to where a long message belongs, a part at a time.
func TestLeftRead_stream(t *testing.T) {
	for name, wrap := range withoutDeadlines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory.Pipe()
				c := conn.New(wrap(a), frame.Client, nil)
				defer c.Close()
				p := newPeer(t, b, frame.Server)
				sent := []message{{frame.Binary, binaryOf(60000)}, {frame.Text, textOf(200000)}, {frame.Binary, binaryOf(60000)}}
				var stream []byte
				for _, m := range sent {
					stream = append(stream, p.frame(0x80|byte(m.op), m.data)...)
				}
				go func() {
					for chunk := range slices.Chunk(stream, 7001) {
						<-time.After(time.Second) // the reads before it give up
						p.send(chunk)
					}
				}()
				for i := 0; i < len(sent); {
					ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
					m, err := c.Read(ctx)
					cancel()
					if err == context.DeadlineExceeded {
						continue
					}
					if err != nil || m.Op != sent[i].op || string(m.Data) != sent[i].data {
						t.Fatalf("message %d: %v of %d bytes, %v; want what was sent", i, m.Op, len(m.Data), err)
					}
					i++
				}
			})
		})
	}
}

// TestLeftRead_end: what the transport's read ended with is the connection's end, and Close ends a read that was left.
func TestLeftRead_end(t *testing.T) {
	for name, wrap := range withoutDeadlines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, end := range []string{"the peer's", "our own"} {
					a, b := memory.Pipe()
					c := conn.New(wrap(a), frame.Client, nil)
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					if _, err := c.Read(ctx); err != context.DeadlineExceeded {
						t.Fatal(err)
					}
					if end == "our own" {
						c.Close()
					} else {
						b.Close()
					}
					_, err := c.Read(t0)
					if _, again := c.Read(t.Context()); !errors.Is(err, net.ErrClosed) || again != err {
						t.Errorf("%s Close: Read %v, then %v; want the connection's end twice", end, err, again)
					}
					c.Close()
				}
			})
		})
	}
}

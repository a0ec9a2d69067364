package conn_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// startStream begins a message and writes its first part, of 20,000 bytes.
func (x *wired) startStream() (io.WriteCloser, string) {
	x.t.Helper()
	part := textOf(20_000)
	w, err := x.c.NextWriter(t0, frame.Text)
	if err == nil {
		_, err = io.WriteString(w, part)
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return w, part
}

// TestDriver_stream: others' messages are queued behind a NextWriter's, and keep their order; a second NextWriter is refused meanwhile.
func TestDriver_stream(t *testing.T) {
	for _, z := range append(compressions, compression{name: "none"}) {
		for _, room := range []int{-1, 0, 10_000} {
			for _, role := range roles {
				x := overWire(t, role, z.options(), nil, room)
				x.write("before")
				w, part := x.startStream()
				for _, s := range []string{"one", "", strings.Repeat("two", 10_000)} {
					x.write(s)
				}
				if _, err := x.c.NextWriter(t0, frame.Text); err == nil || errors.Is(err, net.ErrClosed) ||
					!strings.Contains(err.Error(), "NextWriter") {
					t.Errorf("a second NextWriter: %v; want an error that tells why", err)
				}
				if err := x.c.WritePing([]byte("ping")); err != nil {
					t.Error(err)
				}
				if _, err := io.WriteString(w, part); err != nil {
					t.Error(err)
				}
				if err := w.Close(); err != nil {
					t.Error(err)
				}
				x.write("after")
				if room >= 0 {
					x.flush()
				}
				x.wantArrived(closecode.AbnormalClosure, "before", part+part, "one", "", strings.Repeat("two", 10_000), "after")
				if err := sendStream(x.c, []byte("another")); err != nil {
					t.Errorf("NextWriter after the first one's Close: %v", err)
				}
				x.close()
			}
		}
	}
}

// TestDriver_streamFull: a part that is refused has left nothing behind, and may be tried again.
func TestDriver_streamFull(t *testing.T) {
	for _, z := range append(compressions, compression{name: "none"}) {
		for _, coding := range []conn.Coding{conn.Auto, conn.Plain, conn.Compressed} {
			opts := z.options()
			opts.WriteQueue = 5000
			opts.WhenFull = conn.FullError
			drains := 0
			x := overWire(t, frame.Client, opts, &conn.Events{OnDrain: func(*conn.Conn) { drains++ }}, 0)
			x.feed()
			w, err := x.c.NextWriterAs(t0, frame.Binary, coding)
			if err != nil {
				t.Fatal(err)
			}
			var want strings.Builder
			refused := 0
			for i := range 100 {
				part := binaryOf(1000 + i)
				_, err := io.WriteString(w, part)
				if err == conn.ErrQueueFull {
					refused++
					if n := x.c.Buffered(); n <= 5000 {
						t.Errorf("%s: a part was refused with %d bytes queued; want more than 5,000", z.name, n)
					}
					if err := x.writable(-1); err != nil || drains != refused {
						t.Fatalf("Writable: %v; OnDrain was called %d times; want %d", err, drains, refused)
					}
					x.w.allow(0)
					_, err = io.WriteString(w, part)
				}
				if err != nil {
					t.Fatalf("%s: %v", z.name, err)
				}
				want.WriteString(part)
			}
			if refused == 0 && coding == conn.Plain {
				t.Errorf("%s: no part was refused", z.name)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
			x.flush()
			x.wantArrived(closecode.AbnormalClosure, want.String())
			x.close()
		}
	}
}

// TestDriver_streamBeforeTheQueue: what is queued behind a stream does not keep its own parts from leaving, however long it is.
func TestDriver_streamBeforeTheQueue(t *testing.T) {
	x := overWire(t, frame.Server, &conn.Options{WriteQueue: 1000, WhenFull: conn.FullError}, nil, -1)
	w, part := x.startStream()
	x.write(strings.Repeat("x", 2000))
	if _, err := io.WriteString(w, part); err != nil {
		t.Errorf("the next part: %v; want it sent, the transport takes all", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	x.close()
}

// TestDriver_streamDrains: OnDrain is called when the transport has taken all that it was offered, though messages wait behind a stream.
func TestDriver_streamDrains(t *testing.T) {
	drains := 0
	x := overWire(t, frame.Server, &conn.Options{WriteQueue: 1000, WhenFull: conn.FullError},
		&conn.Events{OnDrain: func(*conn.Conn) { drains++ }}, 0)
	x.feed()
	w, part := x.startStream()
	x.write("behind")
	if _, err := io.WriteString(w, "x"); err != conn.ErrQueueFull {
		t.Errorf("a part with 20,000 bytes queued: %v; want ErrQueueFull", err)
	}
	if err := x.writable(-1); err != nil || drains != 1 {
		t.Errorf("Writable: %v; OnDrain was called %d times; want once, the stream's writer waits for it", err, drains)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	x.wantArrived(closecode.AbnormalClosure, part, "behind")
	x.close()
}

// TestDriver_nothingBehindTheClose: where a Close frame cuts a stream off, what was queued behind it is not sent, nor kept.
func TestDriver_nothingBehindTheClose(t *testing.T) {
	for name, end := range map[string]func(x *wired){
		"Driver.Shutdown":  func(x *wired) { x.d.Shutdown(t0, closecode.NormalClosure, "") },
		"the peer's Close": func(x *wired) { x.d.Feed(x.p.frame(0x88, "\x03\xE8")) },
	} {
		for _, room := range []int{-1, 0} {
			x := overWire(t, frame.Server, nil, nil, room)
			w, _ := x.startStream()
			x.write("behind")
			end(x)
			if _, err := io.WriteString(w, "x"); err == nil {
				err = w.Close()
				if !errors.Is(err, net.ErrClosed) {
					t.Errorf("%s: the stream's Close: %v; want net.ErrClosed", name, err)
				}
			}
			if err := x.writable(-1); x.c.Buffered() != 0 {
				t.Errorf("%s: %d bytes are still queued; Writable: %v", name, x.c.Buffered(), err)
			}
			f := x.frames()
			if last := f[len(f)-1]; len(f) != 2 || last.Opcode != frame.Close {
				t.Errorf("%s: %d frames, the last %v; want the stream's part and the Close", name, len(f), last.Opcode)
			}
			x.close()
		}
	}
}

package conn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestConn_NetConn: the transport is what New was given, where it is a net.Conn.
func TestConn_NetConn(t *testing.T) {
	for _, l := range links {
		a, b := l.ends(t)
		c := conn.New(a, frame.Server, nil)
		want, _ := a.(net.Conn)
		if got := c.NetConn(); got != want || (got == nil) != (l.name == bareLink.name) {
			t.Errorf("%s: NetConn() = %v; want %v", l.name, got, want)
		}
		c.Close()
		b.Close()
	}
}

// TestConn_SetWriteDeadline: a write that waits for the peer gives up at its time, which ends the connection.
func TestConn_SetWriteDeadline(t *testing.T) {
	for _, l := range []link{pipeLink, netPipeLink} {
		for _, role := range roles {
			synctest.Test(t, func(t *testing.T) {
				c, _ := l.peered(t, role, nil)
				begin := time.Now()
				if err := c.SetWriteDeadline(begin.Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(time.Second, func() { c.SetWriteDeadline(begin.Add(2 * time.Second)) })
				var err error
				for err == nil {
					err = c.Write(t0, frame.Binary, make([]byte, 70000))
				}
				if took := time.Since(begin); took != 2*time.Second {
					t.Errorf("%s: Write gave up after %v; want 2s, as it was set meanwhile", l.name, took)
				}
				wantCloseError(t, err, conn.CloseError{Code: closecode.AbnormalClosure, Err: os.ErrDeadlineExceeded})
			})
		}
	}
	for _, l := range []link{tcpLink, unixLink} {
		c, _ := l.peered(t, frame.Client, nil)
		if err := c.SetWriteDeadline(time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		wantCloseError(t, c.Write(t0, frame.Text, nil), conn.CloseError{Code: closecode.AbnormalClosure, Err: os.ErrDeadlineExceeded})
	}
}

// TestConn_SetWriteDeadline_cleared: the zero time means never, and a write of its own context leaves the deadline as it was.
func TestConn_SetWriteDeadline_cleared(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		if l.name == bareLink.name {
			return
		}
		c, p := l.peered(t, role, nil)
		p.hear()
		c.SetWriteDeadline(time.Unix(1, 0))
		c.SetWriteDeadline(time.Time{})
		if err := c.Write(t.Context(), frame.Text, []byte("x")); err != nil {
			t.Errorf("Write behind a cleared deadline: %v", err)
		}
		c.Close()
		p.hearing.Wait()
	})
}

func TestConn_SetWriteDeadline_unsupported(t *testing.T) {
	c, p := bareLink.peered(t, frame.Server, nil)
	if err := c.SetWriteDeadline(time.Now()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("SetWriteDeadline: %v; want %v", err, errors.ErrUnsupported)
	}
	if err := c.Write(t0, frame.Text, []byte("fine")); err != nil {
		t.Error(err)
	}
	if got := drain(p, 6); got != "\x81\x04fine" {
		t.Errorf("sent %q; want the message", got)
	}
}

// TestTransport_halfClosed: a peer that has said all it had to say, but reads on, gets what is written; its end of stream is 1006 to whoever reads.
func TestTransport_halfClosed(t *testing.T) {
	for _, l := range []link{pipeLink, tcpLink, unixLink} {
		c, p := l.peered(t, frame.Server, nil)
		p.send(p.frame(0x81, "last words"))
		p.rw.(interface{ CloseWrite() error }).CloseWrite()
		m, err := c.Read(t0)
		if err != nil || string(m.Data) != "last words" {
			t.Fatalf("%s: Read = %q, %v", l.name, m.Data, err)
		}
		if err := c.Write(t0, frame.Text, []byte("heard")); err != nil {
			t.Errorf("%s: Write: %v", l.name, err)
		}
		if got := drain(p, 7); got != "\x81\x05heard" {
			t.Errorf("%s: the peer reads %q; want the message", l.name, got)
		}
		_, err = c.Read(t0)
		wantCloseError(t, err, conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
	}
}

// TestTransport_reset: what a socket reports instead of an end of stream is in the error's tree.
func TestTransport_reset(t *testing.T) {
	c, p := tcpLink.peered(t, frame.Server, nil)
	p.rw.(*net.TCPConn).SetLinger(0)
	p.rw.Close()
	_, err := c.Read(t0)
	e, ok := errors.AsType[*conn.CloseError](err)
	if !ok || e.Code != closecode.AbnormalClosure || e.Err == nil || e.Err == io.EOF {
		t.Errorf("Read: %#v; want 1006 and the reset", err)
	}
}

// TestTransport_wrapped: a socket in a wrapper of its owner's is read and written through the wrapper.
func TestTransport_wrapped(t *testing.T) {
	a, b := tcpLink.ends(t)
	w := &recording{ReadWriteCloser: a}
	c := conn.New(w, frame.Server, nil)
	defer c.Close()
	p := newPeer(t, b, frame.Client)
	defer b.Close()
	p.send(p.frame(0x81, "Hello"))
	if m, err := c.Read(t0); err != nil || string(m.Data) != "Hello" {
		t.Fatalf("Read = %q, %v", m.Data, err)
	}
	if err := c.Write(t0, frame.Text, []byte("Hi")); err != nil {
		t.Fatal(err)
	}
	if len(w.reads) != 1 || !slices.Equal(w.writes, []int{4}) {
		t.Errorf("reads %v, writes %v of the wrapper; want one of each", w.reads, w.writes)
	}
}

// TestReadBuffer: a transport that is no socket is waited for with 1 KiB. While reads fill their buffer, the next is twice as large, up to 64 KiB; one that
// does not makes it small again.
func TestReadBuffer(t *testing.T) {
	p := peer{role: frame.Server}
	all := slices.Repeat(p.frame(0x82, binaryOf(996)), 300) // 300,000 bytes
	w := &recording{ReadWriteCloser: input{bytes.NewReader(all)}}
	c := conn.New(w, frame.Client, nil)
	for range 300 {
		if m, err := c.Read(t0); err != nil || string(m.Data) != binaryOf(996) {
			t.Fatalf("Read = %d bytes, %v", len(m.Data), err)
		}
	}
	if _, err := c.Read(t0); !errors.Is(err, io.EOF) {
		t.Fatalf("Read at the end: %v", err)
	}
	const k = 1 << 10
	want := []int{1 * k, 2 * k, 4 * k, 8 * k, 16 * k, 32 * k, 64 * k, 64 * k, 64 * k, 64 * k, 1 * k}
	if !slices.Equal(w.reads, want) {
		t.Errorf("reads into %v bytes; want %v", w.reads, want)
	}
}

// TestReadBuffer_socket: a socket's buffer, borrowed when something has come, is 4 KiB. It doubles while reads fill it, and is halved where they bring
// less than an eighth of it.
func TestReadBuffer_socket(t *testing.T) {
	for _, l := range []link{tcpLink, unixLink} {
		c, p := l.peered(t, frame.Client, nil)
		read := func() (held int) {
			m, err := c.Read(t0)
			if err != nil || string(m.Data) != binaryOf(96) {
				t.Fatalf("Read = %d bytes, %v", len(m.Data), err)
			}
			return c.Held()
		}
		small := p.frame(0x82, binaryOf(96))
		p.send(small)
		if held := read(); held != 4<<10 {
			t.Errorf("%s: the first buffer has %d bytes; want 4 KiB", l.name, held)
		}
		for most := 0; most < 16<<10; { // a burst need not be there as a whole when it is read
			p.send(slices.Repeat(small, 400))
			for range 400 {
				most = max(most, read())
			}
			if most > 64<<10 {
				t.Fatalf("%s: a buffer of %d bytes; want at most 64 KiB", l.name, most)
			}
		}
		held := 0
		for range 10 {
			p.send(small)
			held = read()
		}
		if held != 4<<10 {
			t.Errorf("%s: a buffer of %d bytes when messages come one by one; want 4 KiB", l.name, held)
		}
	}
}

// TestTransport_dataWithError: what comes together with an error counts, as io.Reader has it.
func TestTransport_dataWithError(t *testing.T) {
	p := peer{role: frame.Server}
	stream := slices.Concat(p.frame(0x81, "Hello"), p.frame(0x82, binaryOf(50000)))
	c := conn.New(input{iotest.DataErrReader(bytes.NewReader(stream))}, frame.Client, nil)
	for _, want := range []string{"Hello", binaryOf(50000)} {
		if m, err := c.Read(t0); err != nil || string(m.Data) != want {
			t.Errorf("Read = %d bytes, %v; want the %d that came", len(m.Data), err, len(want))
		}
	}
	_, err := c.Read(t0)
	wantCloseError(t, err, conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
}

// input is a stream that brings what it has and takes anything.
type input struct{ io.Reader }

func (input) Write(p []byte) (int, error) { return len(p), nil }
func (input) Close() error                { return nil }

package conn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// streams returns the two ends of a stream over the link, which are closed at the end of the test.
func streams(t testing.TB, l link) (a, b net.Conn) {
	client, server := l.pair(t, nil)
	return conn.NetConn(client, frame.Binary), conn.NetConn(server, frame.Binary)
}

// TestNetConn: bytes arrive in order, both ways at once, however they are cut, and then comes the end.
func TestNetConn(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			a, b := streams(t, l)
			sent := []byte(binaryOf(1 << 20))
			var wg sync.WaitGroup
			for i, way := range []struct{ from, to net.Conn }{{a, b}, {b, a}} {
				wg.Go(func() {
					rnd := rand.New(rand.NewPCG(12, uint64(i)))
					for rest := sent; len(rest) > 0; {
						p := bytes.Clone(rest[:min(len(rest), rnd.IntN(50000))])
						if n, err := way.from.Write(p); n != len(p) || err != nil {
							t.Errorf("Write = %d, %v; want %d, nil", n, err, len(p))
							return
						}
						rest = rest[len(p):]
						clear(p)
					}
				})
				wg.Go(func() {
					rnd := rand.New(rand.NewPCG(13, uint64(i)))
					var got []byte
					for len(got) < len(sent) {
						p := make([]byte, rnd.IntN(50000))
						n, err := way.to.Read(p)
						got = append(got, p[:n]...)
						if err != nil {
							t.Errorf("Read = %d, %v", n, err)
							return
						}
					}
					if !bytes.Equal(got, sent) {
						t.Error("what was read is not what was written")
					}
				})
			}
			wg.Wait()
			closed := inBackground(a.Close)
			if got, err := io.ReadAll(b); len(got) > 0 || err != nil {
				t.Errorf("behind the last byte: %q, %v; want io.EOF", got, err)
			}
			if err := closed(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// TestNetConn_messages: each Write is a message of the given type, and the borders of those that arrive are lost.
func TestNetConn_messages(t *testing.T) {
	for _, op := range []frame.Opcode{frame.Text, frame.Binary} {
		c, p := pipeLink.peered(t, frame.Server, nil)
		s := conn.NetConn(c, op)
		first := byte(op)
		p.send(p.frame(first|0x80, "ab"), p.frame(first|0x80, ""), p.frame(first, "c"), p.ping(), p.frame(0x80, ""), p.frame(first|0x80, "def"))
		got := make([]byte, 6)
		if _, err := io.ReadFull(s, got); err != nil || string(got) != "abcdef" {
			t.Errorf("read %q, %v; want abcdef", got, err)
		}
		io.WriteString(s, "one")
		io.WriteString(s, "")
		r := p.reader()
		for _, want := range []string{"1", "one", ""} {
			f, err := readFrame(r)
			if err != nil || f.payload != want || !f.Fin || f.Opcode != op && f.Opcode != frame.Pong {
				t.Errorf("the peer reads %v %q, %v; want %q", f.Opcode, f.payload, err, want)
			}
		}
	}
}

func TestNetConn_noBytes(t *testing.T) {
	a, _ := streams(t, pipeLink)
	if n, err := a.Read(nil); n != 0 || err != nil {
		t.Errorf("Read of nothing = %d, %v; want 0, nil", n, err)
	}
}

// TestNetConn_end: what the peer's end is to a reader, and to a writer.
func TestNetConn_end(t *testing.T) {
	for _, tt := range []struct {
		last string
		eof  bool
		code closecode.Code
	}{
		{"\x88\x02\x03\xE8", true, closecode.NormalClosure},
		{"\x88\x02\x03\xE9", true, closecode.GoingAway},
		{"\x88\x00", true, closecode.NoStatusReceived},
		{"\x88\x02\x03\xF3", false, closecode.InternalError},
		{"\x02\x03abc", false, closecode.AbnormalClosure},
		{"\xFF", false, closecode.AbnormalClosure},
		{"\xFF\x00", false, closecode.ProtocolError},
	} {
		c, p := pipeLink.peered(t, frame.Client, nil)
		s := conn.NetConn(c, frame.Binary)
		p.send(p.frame(0x82, "Hello"), []byte(tt.last))
		p.rw.(interface{ CloseWrite() error }).CloseWrite()
		got, err := io.ReadAll(s)
		if !bytes.HasPrefix(got, []byte("Hello")) {
			t.Errorf("read %q; want all that came before the end", got)
		}
		if code, _ := closecode.Of(err); tt.eof && err != nil || !tt.eof && code != tt.code {
			t.Errorf("%x: the end is %v; want io.EOF: %v, else code %v", tt.last, err, tt.eof, tt.code)
		}
		n, err := s.Write([]byte("x"))
		if code, _ := closecode.Of(err); n != 0 || code != tt.code || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%x: Write = %d, %v; want the connection's end, with code %v", tt.last, n, err, tt.code)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%x: Close: %v", tt.last, err)
		}
	}
}

// TestNetConn_Close: it ends reads and writes with net.ErrClosed and performs the closing handshake, once.
func TestNetConn_Close(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		s := conn.NetConn(c, frame.Binary)
		read := inBackground(func() error {
			_, err := s.Read(make([]byte, 10))
			return err
		})
		for range 2 {
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		if err := read(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a Read that waited: %v; want net.ErrClosed", err)
		}
		if n, err := s.Read(make([]byte, 10)); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read = %d, %v; want net.ErrClosed", n, err)
		}
		if n, err := s.Write([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write = %d, %v; want net.ErrClosed", n, err)
		}
		heard := p.ended()
		wantClose(t, heard, closecode.NormalClosure)
		if len(heard) != 1 {
			t.Errorf("the peer heard %d frames; want the Close frame alone", len(heard))
		}
	})
}

// TestNetConn_Close_silentPeer: it takes no longer than the closing handshake may.
func TestNetConn_Close_silentPeer(t *testing.T) {
	for _, tt := range []struct{ timeout, want time.Duration }{{0, 5 * time.Second}, {time.Second, time.Second}, {-1, 5 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := pipeLink.peered(t, frame.Client, &conn.Options{CloseTimeout: tt.timeout})
			s := conn.NetConn(c, frame.Binary)
			begin := time.Now()
			if err := s.Close(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Close: %v; want a timeout", err)
			}
			if took := time.Since(begin); took != tt.want {
				t.Errorf("Close took %v; want %v", took, tt.want)
			}
		})
	}
}

// TestNetConn_otherType: a message of the other type ends the connection with 1003; nothing behind it is read.
func TestNetConn_otherType(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		s := conn.NetConn(c, frame.Binary)
		go p.rw.Write(slices.Concat(p.frame(0x82, "Hello"), p.frame(0x81, "a text"), p.frame(0x82, "world")))
		got, err := io.ReadAll(s)
		if string(got) != "Hello" || err == nil || !errors.Is(err, net.ErrClosed) {
			t.Errorf("read %q, %v; want Hello and an error that is net.ErrClosed", got, err)
		}
		for range 2 {
			if n, again := s.Read(make([]byte, 10)); n != 0 || again != err {
				t.Errorf("Read once more = %d, %v; want the same error", n, again)
			}
		}
		wantClose(t, p.ended(), closecode.UnsupportedData)
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

func TestNetConn_addresses(t *testing.T) {
	for _, l := range links {
		ra, rb := l.ends(t)
		s := conn.NetConn(conn.New(ra, frame.Client, nil), frame.Binary)
		local, remote := "websocket", "websocket"
		if nc, ok := ra.(net.Conn); ok {
			local, remote = nc.LocalAddr().String(), nc.RemoteAddr().String()
		} else if got := s.LocalAddr().Network(); got != "websocket" {
			t.Errorf("%s: network %q; want websocket", l.name, got)
		}
		if s.LocalAddr().String() != local || s.RemoteAddr().String() != remote {
			t.Errorf("%s: addresses %v and %v; want %v and %v", l.name, s.LocalAddr(), s.RemoteAddr(), local, remote)
		}
		rb.Close()
		s.Close()
	}
}

package conn_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// happened is what is called for a thousand frames of a peer's, and how it ends.
func happened(c *conn.Conn, s serving) (log []string) {
	note := func(what string) func(*conn.Conn, []byte) {
		return func(_ *conn.Conn, p []byte) { log = append(log, fmt.Sprintf("%s %q", what, p)) }
	}
	err := s.all(c, &conn.Events{
		OnOpen:    func(*conn.Conn) { log = append(log, "open") },
		OnMessage: func(_ *conn.Conn, m conn.Message) { log = append(log, fmt.Sprintf("%v %q", m.Op, m.Data)) },
		OnPing:    note("ping"),
		OnPong:    note("pong"),
		OnClose:   func(_ *conn.Conn, err error) { log = append(log, "close "+err.Error()) },
	})
	return append(log, "end "+err.Error())
}

// thousandFrames returns the frames of a peer that begins to talk before its handshake was answered, and their end.
func thousandFrames(p *peer) (frames [][]byte) {
	rnd := rand.New(rand.NewPCG(11, 11))
	for len(frames) < 999 {
		switch n := rnd.IntN(10); {
		case n == 0:
			frames = append(frames, p.ping())
		case n == 1:
			frames = append(frames, p.frame(0x8A, "beat"))
		case n < 4:
			frames = append(frames, p.fragmented(message{frame.Binary, binaryOf(rnd.IntN(60))}, rnd)...)
		default:
			frames = append(frames, p.frame(0x81, textOf(rnd.IntN(30))))
		}
	}
	return append(frames, p.frame(0x88, "\x03\xE8bye"))
}

// TestConn_Unread: what a handshake has read too far counts like what comes afterwards, wherever the border lies.
func TestConn_Unread(t *testing.T) {
	for _, role := range roles {
		frames := thousandFrames(&peer{role: role.Peer()})
		stream := slices.Concat(frames...)
		var want []string
		for i, l := range slices.Repeat(links, 4*len(servings)) {
			c, p := l.peered(t, role, nil)
			p.hear()
			unread, rest := len(stream), 0
			switch i / len(links) % 4 {
			case 0: // nothing, then one segment
				unread = 0
			case 1: // all
			case 2: // all but what comes byte by byte
				unread -= 3000
				rest = 1
			case 3: // the other way round, and in two calls of Unread
				unread = 3000
				rest = 4000
			}
			c.Unread(nil)
			given := slices.Clone(stream[:unread])
			c.Unread(given[unread/2:])
			c.Unread(given[:unread/2])
			clear(given) // was copied
			sent := inBackground(func() error {
				chunk := rest
				if chunk == 0 {
					chunk = len(stream)
				}
				for part := range slices.Chunk(stream[unread:], chunk) {
					if _, err := p.rw.Write(part); err != nil {
						return err
					}
				}
				return nil
			})
			got := happened(c, servings[i/len(links)/4])
			if err := sent(); err != nil {
				t.Error(err)
			}
			p.hearing.Wait()
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %v, %d bytes unread: %d events; want the same %d as in one segment", l.name, role, unread, len(got), len(want))
			}
		}
		if len(want) < 500 || want[0] != "open" {
			t.Errorf("%d events, the first %q; want those of 1,000 frames", len(want), want[0])
		}
	}
}

// TestConn_Unread_stream: it also serves a reader of a long message.
func TestConn_Unread_stream(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		stream := append(p.frame(0x82, binaryOf(100000)), p.frame(0x81, "next")...)
		c.Unread(stream[:60000])
		go p.send(stream[60000:])
		_, r, err := c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != binaryOf(100000) || err != nil {
			t.Errorf("%d bytes, %v; want the message", len(got), err)
		}
		if m, err := c.Read(t0); string(m.Data) != "next" || err != nil {
			t.Errorf("Read = %q, %v; want the next message", m.Data, err)
		}
	})
}

package hostile_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// "After receiving a control frame indicating the connection should be closed, a peer discards any further data received" (RFC
// 6455 section 1.4): nothing is delivered, good or bad, and the peer still gets its answer.
func TestClosing_nothingAfterClose(t *testing.T) {
	forVictims(t, conn.Options{}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		for name, behind := range map[string]string{
			"nothing":     "",
			"a message":   v.wire.frame(0x81, "never"),
			"a ping":      v.wire.frame(0x89, "never"),
			"a violation": "\xff\xff\xff\xff",
			"256 KiB":     strings.Repeat("\x00", 256<<10),
		} {
			t.Run(name, func(t *testing.T) {
				p := open(t)
				go p.send(v.wire.frame(0x81, "before") + v.wire.frame(0x88, "\x0f\xa0done") + behind)
				p.wants(t, frame.Text, "before")
				h, got, err := p.next()
				if err != nil || h.Opcode != frame.Close || got != "\x0f\xa0" {
					t.Fatalf("got %v %q, %v; want the Close frame answered", h.Opcode, got, err)
				}
				if v.wire.masked {
					p.wantsEnd(t) // the server closes first (section 7.1.1)
				}
				p.Close()
				o := <-p.seen
				closed, ok := errors.AsType[*conn.CloseError](o.err)
				if !ok || closed.Code != 4000 || closed.Reason != "done" || !closed.Remote || o.again != o.err {
					t.Errorf("the application saw %v, then %v", o.err, o.again)
				}
				if o.messages != 1 {
					t.Errorf("%d messages were delivered: %q", o.messages, o.first)
				}
			})
		}
		alive(t, open)
	})
}

// A peer that goes away without a word, in any state, is a lost connection: 1006, once and for ever, and nothing half is delivered.
func TestClosing_lost(t *testing.T) {
	forVictims(t, conn.Options{}, func(t *testing.T, v victim, open func(testing.TB) *attacker) {
		whole := v.wire.frame(0x81, "message")
		for name, before := range map[string]string{
			"between frames":         "",
			"in a header":            whole[:1],
			"in a payload":           whole[:len(whole)-1],
			"between fragments":      v.wire.frame(0x01, "mess"),
			"in a control frame":     v.wire.frame(0x89, "ping")[:3],
			"in a Close frame":       v.wire.frame(0x88, "\x03\xe8")[:3],
			"in a declared gibibyte": v.wire.head(0x82, 127, length64(1<<19)) + "abc",
		} {
			for _, how := range []string{"half-closed", "closed", "reset"} {
				t.Run(name+"/"+how, func(t *testing.T) {
					t.Parallel()
					p := open(t)
					p.send(before)
					switch how {
					case "half-closed":
						p.CloseWrite()
						if rest, err := io.ReadAll(p.r); err != nil || len(rest) > 0 {
							t.Errorf("got %q, %v; want the end of the stream", rest, err)
						}
					case "reset":
						p.SetLinger(0)
						p.Close()
					default:
						p.Close()
					}
					o := <-p.seen
					if code, ok := closecode.Of(o.err); !ok || code != closecode.AbnormalClosure || !errors.Is(o.err, net.ErrClosed) || o.again != o.err {
						t.Errorf("the application saw %v, then %v; want 1006", o.err, o.again)
					}
					if o.messages != 0 {
						t.Errorf("%q was delivered", o.first)
					}
				})
			}
		}
	})
}

// A peer that does not read stalls what is written to it and nothing else: pings do not wait, and all that waits is bounded by its
// context, by Close, or by the closing handshake's time.
func TestClosing_stalledPeer(t *testing.T) {
	conns := make(chan *conn.Conn, 1)
	written := make(chan error, 1)
	addr := serve(t, &server.Server{
		Handle: func(c *conn.Conn) {
			conns <- c
			chunk := make([]byte, 1<<20)
			for {
				if err := c.Write(context.Background(), frame.Binary, chunk); err != nil {
					written <- err
					return
				}
			}
		},
		Options: &server.Options{Conn: conn.Options{CloseTimeout: 100 * time.Millisecond}},
	})
	for name, end := range map[string]func(c *conn.Conn){
		"Close": func(c *conn.Conn) { c.Close() },
		"Shutdown": func(c *conn.Conn) {
			if err := c.Shutdown(t.Context(), closecode.NormalClosure, ""); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown: %v; want %v", err, context.DeadlineExceeded)
			}
		},
		"many at once": func(c *conn.Conn) {
			var all sync.WaitGroup
			for range 10 {
				all.Go(func() { c.Close() })
				all.Go(func() { c.Shutdown(t.Context(), closecode.GoingAway, "") })
			}
			all.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := dial(t, addr)
			p.SetReadBuffer(4 << 10)
			p.send(upgrade + "\r\n")
			c := <-conns
			for range 1000 {
				c.WritePing([]byte("ping")) // an error says that there is no room for more
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if _, err := c.Ping(ctx); err == nil {
				t.Error("a ping was answered")
			}
			end(c)
			if err := <-written; !errors.Is(err, net.ErrClosed) {
				t.Errorf("the write that waited returned %v", err)
			}
		})
	}
}

package conn_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestPong: "upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response", with its payload (RFC 6455 section 5.5.2),
// whatever the way to read and wherever the ping lies.
func TestPong(t *testing.T) {
	for _, way := range readings {
		t.Run(way.name, func(t *testing.T) {
			each(t, func(t *testing.T, l link, role frame.Role) {
				c, p := l.peered(t, role, nil)
				read := inBackground(func() error { return way.all(c, func(frame.Opcode, []byte) {}) })
				r := p.reader()
				for i, payload := range []string{"", "x", "Hello", binaryOf(124), binaryOf(125)} {
					ping := p.frame(0x89, payload)
					var frames [][]byte
					switch i % 3 {
					case 0:
						frames = [][]byte{ping}
					case 1: // in pieces, inside a message
						frames = [][]byte{p.frame(0x01, "a"), ping[:1], ping[1:], p.frame(0x80, "b")}
					case 2: // behind one
						frames = [][]byte{append(p.frame(0x82, binaryOf(5000)), ping...)}
					}
					sent := inBackground(func() error {
						for _, f := range frames {
							if _, err := p.rw.Write(f); err != nil {
								return err
							}
						}
						return nil
					})
					f, err := readFrame(r)
					if err != nil || f.Opcode != frame.Pong || f.payload != payload {
						t.Fatalf("ping %q: the peer reads %v %q, %v; want its pong", payload, f.Opcode, f.payload, err)
					}
					if err := sent(); err != nil {
						t.Fatal(err)
					}
				}
				c.Close()
				read()
			})
		})
	}
}

// TestPong_bytewise dribbles pings, so that their payloads come in pieces.
func TestPong_bytewise(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		var got []string
		served := inBackground(func() error {
			note := func(_ *conn.Conn, payload []byte) { got = append(got, string(payload)) }
			return c.Serve(t0, &conn.Events{OnPing: note, OnPong: note})
		})
		want := []string{"first", "", binaryOf(125), "pong"}
		for _, b := range slices.Concat(p.frame(0x89, want[0]), p.frame(0x89, want[1]), p.frame(0x89, want[2]), p.frame(0x8A, want[3])) {
			p.send([]byte{b})
			synctest.Wait()
		}
		c.Close()
		served()
		p.hearing.Wait()
		var pongs []string
		for _, f := range p.heard {
			pongs = append(pongs, f.payload)
		}
		if !slices.Equal(got, want) || !slices.Equal(pongs, want[:3]) {
			t.Errorf("payloads %q, pongs %q; want %q and pongs for the first three", got, pongs, want)
		}
	})
}

// TestWriteControl: what WritePing and WritePong send.
func TestWriteControl(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		r := p.reader()
		for i, payload := range []string{"", "beat", strings.Repeat("x", frame.MaxControlPayload)} {
			write, op := c.WritePing, frame.Ping
			if i%2 == 1 {
				write, op = c.WritePong, frame.Pong
			}
			b := []byte(payload)
			if err := write(b); err != nil {
				t.Fatal(err)
			}
			clear(b) // is not kept
			if f, err := readFrame(r); err != nil || f.Opcode != op || !f.Fin || f.payload != payload {
				t.Errorf("the peer reads %v %q, %v; want %v %q", f.Opcode, f.payload, err, op, payload)
			}
		}
	})
}

// TestPing: many at once, over every transport, each sees its own pong.
func TestPing(t *testing.T) {
	for i, l := range slices.Repeat(links, 2) {
		t.Run(l.name, func(t *testing.T) {
			client, server := l.pair(t, nil)
			go client.Serve(t0, nil) // ends with the connection
			go servings[i%2].all(server, nil)
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					c := client
					if i%2 == 0 {
						c = server
					}
					if trip, err := c.Ping(t.Context()); err != nil || trip < 0 {
						t.Errorf("Ping = %v, %v", trip, err)
					}
				})
			}
			wg.Wait()
			if err := client.Shutdown(t0, closecode.NormalClosure, ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestPing_foreignPongs: a pong that answers no Ping of ours, or none at all, ends no wait.
func TestPing_foreignPongs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipeLink.peered(t, frame.Server, nil)
		go c.Serve(t0, nil) // ends with the connection
		type result struct {
			trip time.Duration
			err  error
		}
		ping := inBackground(func() result {
			trip, err := c.Ping(t.Context())
			return result{trip, err}
		})
		f, err := readFrame(p.reader())
		if err != nil || f.Opcode != frame.Ping {
			t.Fatalf("the peer reads %v, %v; want a ping", f.Opcode, err)
		}
		other := []byte(f.payload)
		other[len(other)-1] ^= 0xFF
		p.send(p.frame(0x8A, ""), p.frame(0x8A, "beat"), p.frame(0x8A, string(other)), p.frame(0x8A, f.payload[1:]), p.frame(0x8A, f.payload+"x"))
		synctest.Wait()
		<-time.After(time.Second) // of the bubble's time
		p.send(p.frame(0x8A, f.payload))
		if got := ping(); got.err != nil || got.trip != time.Second {
			t.Errorf("Ping = %v, %v; want 1s, from the ping to its own pong", got.trip, got.err)
		}
	})
}

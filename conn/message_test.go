package conn_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// inBothModes runs f for each of n messages, in a loop of Read and as OnMessage of Serve, over a pipe. prepare sends them. f may keep what it
// makes of a message for check, which runs after the connection has ended.
func inBothModes(t *testing.T, prepare func(p *peer), n int, f func(i int, c *conn.Conn, m conn.Message), check func()) {
	t.Run("Read", func(t *testing.T) {
		c, p := pipeLink.peered(t, frame.Server, nil)
		go prepare(p)
		for i := range n {
			m, err := c.Read(t0)
			if err != nil {
				t.Fatal(err)
			}
			f(i, c, m)
		}
		go p.rw.Close()
		c.Read(t0)
		check()
	})
	eachServing(t, func(t *testing.T, s serving) {
		c, p := pipeLink.peered(t, frame.Server, nil)
		go prepare(p)
		i := 0
		s.all(c, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
			f(i, c, m)
			if i++; i == n {
				p.rw.Close()
			}
		}})
		if i != n {
			t.Fatalf("%d messages; want %d", i, n)
		}
		check()
	})
}

// kinds are messages that lie in different places: alone in the read buffer, with others behind, put together from pieces.
var kinds = []struct {
	name     string
	messages []string
	frames   func(p *peer, messages []string) [][]byte
}{
	{"in place, alone", []string{"one and only"}, func(p *peer, m []string) [][]byte { return [][]byte{p.frame(0x81, m[0])} }},
	{"in place, shorter ones behind", []string{textOf(300), "two", "three"}, func(p *peer, m []string) [][]byte {
		return [][]byte{slices.Concat(p.frame(0x81, m[0]), p.frame(0x81, m[1]), p.ping(), p.frame(0x81, m[2]))}
	}},
	{"in place, a longer one behind", []string{"one", textOf(300), "three"}, func(p *peer, m []string) [][]byte {
		return [][]byte{slices.Concat(p.frame(0x81, m[0]), p.frame(0x81, m[1]), p.frame(0x81, m[2]))}
	}},
	{"in place, half of one behind", []string{textOf(300), textOf(200)}, func(p *peer, m []string) [][]byte {
		b := slices.Concat(p.frame(0x81, m[0]), p.frame(0x81, m[1]))
		return [][]byte{b[:400], b[400:]}
	}},
	{"assembled", []string{textOf(700), strings.Repeat("z", 100000)}, func(p *peer, m []string) [][]byte {
		return [][]byte{p.frame(0x01, m[0][:300]), p.ping(), p.frame(0x80, m[0][300:]), p.frame(0x81, m[1])}
	}},
	{"assembled, others behind", []string{"one and more", "two", textOf(900)}, func(p *peer, m []string) [][]byte {
		return [][]byte{slices.Concat(p.frame(0x01, m[0][:3]), p.frame(0x80, m[0][3:]), p.frame(0x81, m[1]), p.frame(0x81, m[2]))}
	}},
	{"empty", []string{"", "", "three"}, func(p *peer, m []string) [][]byte {
		return [][]byte{p.frame(0x81, m[0]), p.frame(0x01, m[1]), p.frame(0x80, m[1]), p.frame(0x81, m[2])}
	}},
}

func TestMessage_Clone(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			var kept [][]byte
			inBothModes(t, func(p *peer) { p.send(k.frames(p, k.messages)...) }, len(k.messages),
				func(i int, c *conn.Conn, m conn.Message) {
					clone := m.Clone()
					if len(clone) > 0 {
						clone[0]++ // is the caller's
						if string(m.Data) != k.messages[i] {
							t.Errorf("message %.40q changed with its clone", m.Data)
						}
						clone[0]--
					}
					kept = append(kept, clone)
				},
				func() {
					for i, want := range k.messages {
						if string(kept[i]) != want {
							t.Errorf("clone %d is %.40q; want %.40q", i, kept[i], want)
						}
					}
					kept = nil
				})
		})
	}
}

// TestMessage_Detach: what was detached stays as it is while more is read and after the connection has ended, and is released once.
func TestMessage_Detach(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			var kept []*bufpool.Buffer
			inBothModes(t, func(p *peer) { p.send(k.frames(p, k.messages)...) }, len(k.messages),
				func(i int, c *conn.Conn, m conn.Message) {
					b := m.Detach()
					if string(b.B) != k.messages[i] || string(m.Data) != k.messages[i] {
						t.Errorf("detached %.40q, the message is %.40q; want both as they were sent", b.B, m.Data)
					}
					kept = append(kept, b)
				},
				func() {
					for i, want := range k.messages {
						if string(kept[i].B) != want {
							t.Errorf("message %d, detached, is %.40q; want %.40q", i, kept[i].B, want)
						}
						kept[i].Release()
					}
					kept = nil
				})
		})
	}
}

// TestMessage_Detach_some: messages that were not detached, beside those that were, are as they were sent.
func TestMessage_Detach_some(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			c, p := l.peered(t, frame.Server, nil)
			var sent []string
			var b []byte
			for i := range 400 {
				data := textOf(i * i % 977)
				sent = append(sent, data)
				if i%3 == 0 {
					b = slices.Concat(b, p.frame(0x01, data[:len(data)/2]), p.frame(0x80, data[len(data)/2:]))
				} else {
					b = append(b, p.frame(0x81, data)...)
				}
			}
			go p.send(b)
			kept := make(map[int]*bufpool.Buffer)
			for i, want := range sent {
				m, err := c.Read(t0)
				if err != nil {
					t.Fatal(err)
				}
				if string(m.Data) != want {
					t.Fatalf("message %d is %.40q; want %.40q", i, m.Data, want)
				}
				if i%5 < 2 {
					kept[i] = m.Detach()
				}
			}
			for i, b := range kept {
				if string(b.B) != sent[i] {
					t.Errorf("message %d, detached, is %.40q; want %.40q", i, b.B, sent[i])
				}
				b.Release()
			}
		})
	}
}

// TestMessage_Detach_inPlace: where nothing waits behind a message, or less than it is long, no byte of it is copied.
func TestMessage_Detach_inPlace(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	whole := textOf(700)
	for _, tt := range []struct {
		name   string
		frames [][]byte
		moves  bool
	}{
		{"alone", [][]byte{p.frame(0x81, whole)}, false},
		{"a shorter one behind", [][]byte{p.frame(0x81, whole), p.frame(0x81, "")}, false},
		{"fragments", [][]byte{p.frame(0x01, whole[:300]), p.frame(0x80, whole[300:])}, false},
		{"a longer one behind", [][]byte{p.frame(0x81, "short"), p.frame(0x81, "not that short")}, true},
	} {
		p.send(tt.frames...)
		m, err := c.Read(t0)
		if err != nil {
			t.Fatal(err)
		}
		b := m.Detach()
		if moved := &b.B[0] != &m.Data[0]; moved != tt.moves {
			t.Errorf("%s: copied: %v; want %v", tt.name, moved, tt.moves)
		}
		if tt.moves || len(tt.frames) == 2 && tt.name != "fragments" {
			if _, err := c.Read(t0); err != nil {
				t.Fatal(err)
			}
		}
		b.Release()
	}
}

// TestMessage_Detach_ownData: B is what Data was when Detach was called, cut or changed.
func TestMessage_Detach_ownData(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	p.send(p.frame(0x81, "Hello, world"))
	m, err := c.Read(t0)
	if err != nil {
		t.Fatal(err)
	}
	m.Data = m.Data[7:]
	m.Data[0] = 'W'
	b := m.Detach()
	if string(b.B) != "World" {
		t.Errorf("detached %q; want %q", b.B, "World")
	}
	b.Release()

	free := conn.Message{Op: frame.Text, Data: []byte("made by hand")}
	if b := free.Detach(); string(b.B) != "made by hand" || &b.B[0] == &free.Data[0] {
		t.Errorf("detached %q; want a copy of the data", b.B)
	} else {
		b.Release()
	}
	if b := (conn.Message{}).Detach(); len(b.B) != 0 {
		t.Errorf("the zero Message has %q", b.B)
	} else {
		b.Release()
	}
}

// TestMessage_Detach_shutdown: while a Shutdown reads what is left of the connection, and after it, the last message can still be detached.
func TestMessage_Detach_shutdown(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		for _, fragments := range []bool{false, true} {
			c, p := l.peered(t, role, nil)
			p.hear()
			if fragments {
				go p.send(p.frame(0x01, textOf(500)), p.frame(0x80, "end"), p.frame(0x81, "behind"))
			} else {
				go p.send(p.frame(0x81, textOf(500)+"end"), p.frame(0x81, "behind"))
			}
			m, err := c.Read(t0)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Shutdown(t0, 1000, ""); err != nil {
				t.Fatal(err)
			}
			b := m.Detach()
			if want := textOf(500) + "end"; string(b.B) != want || string(m.Data) != want {
				t.Errorf("detached %.40q; want the message", b.B)
			}
			if _, err := c.Read(t0); err == nil || err == io.EOF {
				t.Errorf("Read: %v; want the connection's end", err)
			}
			if want := textOf(500) + "end"; string(b.B) != want {
				t.Errorf("after another Read, what was detached is %.40q", b.B)
			}
			b.Release()
			p.hearing.Wait()
		}
	})
}

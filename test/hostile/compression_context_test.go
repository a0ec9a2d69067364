package hostile_test

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// What lies between two compressed messages and is none itself leaves the window alone (RFC 7692 section 7.2.2: it has what was inflated; ws#983 is a browser that got
// this wrong): a message may refer to the one before it, and without context takeover to none.
func TestCompression_window(t *testing.T) {
	forCompressed(t, conn.Options{}, func(t *testing.T, v victim, z agreement, open func(testing.TB) *attacker) {
		w := v.wire
		for _, tt := range []struct {
			name    string
			between string
			echoes  []string
		}{
			{"nothing", "", nil},
			{"plain", w.frame(0x81, "x"), []string{"x"}},
			{"plain and long", w.frame(0x81, strings.Repeat("x", 40_000)), []string{strings.Repeat("x", 40_000)}},
			{"plain in fragments", w.cut(0x01, "world", 3), []string{"world"}},
			{"pongs", w.frame(0x8a, "Hallo") + w.frame(0x8a, ""), nil},
			{"compressed and empty", w.frame(0xc1, "\x00"), []string{""}},
			{"plain and empty", w.frame(0x81, ""), []string{""}},
		} {
			for _, how := range []string{"whole", "byte by byte"} {
				if how != "whole" && len(tt.between) > 1000 {
					continue
				}
				t.Run(tt.name+"/"+how, func(t *testing.T) {
					t.Parallel()
					p := open(t)
					input := w.frame(0xc1, hello) + tt.between + w.frame(0xc2, reference(5)) + w.frame(0x81, "never, or once")
					if how == "whole" {
						go p.send(input)
					} else {
						go p.sendBytes(input)
					}
					for _, echo := range append([]string{"Hello"}, tt.echoes...) {
						p.wantsMessage(t, frame.Text, echo)
					}
					if !z.keeps {
						p.wantsClose(t, 1007)
						p.Close()
						if o := <-p.seen; o.messages != 1+len(tt.echoes) {
							t.Errorf("%d messages were delivered: %q", o.messages, o.first)
						}
						return
					}
					p.wants(t, frame.Binary, "Hel")
					p.wants(t, frame.Text, "never, or once")
					p.send(w.frame(0xc2, reference(8)) + w.frame(0xc2, reference(11))) // "HelloHelHelHel"
					p.wants(t, frame.Binary, "Hel")
					p.wants(t, frame.Binary, "Hel")
					p.send(w.frame(0xc2, reference(15)))
					p.wantsClose(t, 1007)
					p.Close()
					<-p.seen
				})
			}
		}
	})
}

// A window is as large as was agreed on: 8 bits are 256 bytes, and no more is kept. 15 bits are the whole of what the format can say.
func TestCompression_windowBits(t *testing.T) {
	agreed := func(o deflate.Options, offer, answer extensions) agreement {
		o.ContextTakeover = true
		return agreement{options: &o, offer: offer, answer: answer}
	}
	eight := deflate.Options{ReceiveWindowBits: 8}
	for _, tt := range []struct {
		name           string
		server, client agreement
		sent           int // bytes before
		most           int // the furthest that can be referred to
		wrong          int // 0: nothing is
	}{
		{
			"8 bits", agreed(eight, "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=8"),
			agreed(eight, "", "permessage-deflate; server_max_window_bits=8"), 10_000, 256, 257,
		},
		{"15 bits", agreements[1], agreements[1], 100_000, 1 << 15, 0},
		{"15 bits, of which little was sent", agreements[1], agreements[1], 3000, 3000, 3001},
	} {
		clients := victims(compressedModes, tt.client)
		for i, v := range victims(compressedModes, tt.server) {
			if !v.wire.masked {
				v = clients[i]
			}
			t.Run(v.name+"/"+tt.name, func(t *testing.T) {
				open := v.start(t, conn.Options{})
				content := make([]byte, tt.sent)
				for i := range content {
					content[i] = byte(i * i >> 3)
				}
				for _, distance := range []int{tt.most, tt.wrong} {
					p := open(t)
					p.send(v.wire.frame(0xc2, deflated(string(content))))
					p.next() // the echo, compressed or not
					if distance == 0 {
						continue
					}
					p.send(v.wire.frame(0xc2, reference(distance)))
					if distance == tt.wrong {
						p.wantsClose(t, 1007)
						continue
					}
					p.wants(t, frame.Binary, string(content[tt.sent-distance:][:3]))
				}
			})
		}
	}
}

// No connection can refer to what another one has sent, whatever was done with the inflater before: a message that was sound, one that was not, one that was over the
// limit, one that was never finished. Inflaters are pooled.
func TestCompression_isolation(t *testing.T) {
	secret := strings.Repeat("the secret of another connection ", 1000)
	payload, tooLong := deflated(secret), deflated(secret, secret, secret)
	forCompressed(t, conn.Options{MaxMessage: limit}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		w := v.wire
		for name, before := range map[string]func(p *attacker){
			"a sound message": func(p *attacker) {
				p.send(w.frame(0xc1, payload))
				p.next()
			},
			"sound messages, which come with a window where it is kept": func(p *attacker) {
				p.send(w.frame(0xc1, payload) + w.frame(0xc1, payload) + w.frame(0xc1, hello))
				for range 3 {
					p.next()
				}
			},
			"sound fragments": func(p *attacker) {
				p.send(w.cut(0x41, payload, 3))
				p.next()
			},
			"a malformed message": func(p *attacker) {
				p.send(w.frame(0xc1, payload[:len(payload)-1]))
				p.wantsClose(t, 1007)
			},
			"a message over the limit": func(p *attacker) {
				p.send(w.frame(0xc1, tooLong))
				p.wantsClose(t, 1009)
			},
			"a message that does not end": func(p *attacker) { p.send(w.frame(0x41, payload)) },
			"a message that is cut off": func(p *attacker) {
				p.send(w.frame(0x41, payload))
				p.settle(t)
				p.Close()
				<-p.seen
			},
		} {
			for _, distance := range []int{1, 5, 33, 258, 4096, 1 << 15} {
				p := open(t)
				before(p)
				q := open(t)
				q.send(w.frame(0xc2, reference(distance)))
				if h, got, err := q.next(); err != nil || h.Opcode != frame.Close || !strings.HasPrefix(got, "\x03\xef") {
					t.Errorf("%s, %d bytes back: got %v %q, %v; want 1007", name, distance, h.Opcode, got, err)
				}
				p.Close()
				q.Close()
				if o := <-q.seen; o.messages != 0 {
					t.Errorf("%s, %d bytes back: %q was delivered", name, distance, o.first)
				}
			}
		}
	})
}

// Nor is it decoded with another connection's codes: klauspost/compress 1.20.4 takes those for distances that an inflater has used last where a block has none.
func TestCompression_isolatedCodes(t *testing.T) {
	sound := by(func(s *blocks) { s.matches(true); s.flush() })
	broken := by(func(s *blocks) { s.matches(false); s.flush() })
	forCompressed(t, conn.Options{}, func(t *testing.T, v victim, _ agreement, open func(testing.TB) *attacker) {
		for range 10 {
			p, q := open(t), open(t)
			p.send(v.wire.frame(0xc1, sound))
			p.wants(t, frame.Text, "aaaa")
			q.send(v.wire.frame(0xc1, broken))
			q.wantsClose(t, 1007)
			p.Close()
			q.Close()
			<-p.seen
			<-q.seen
		}
	})
}

// codec is a peer's side of the compression, by the standard library.
type codec struct {
	keeps  bool // context takeover
	out    bytes.Buffer
	z      *flate.Writer
	window string // what the victim has sent compressed
}

func (c *codec) deflate(content string) string {
	if !c.keeps {
		return deflated(content)
	}
	if c.z == nil {
		c.z, _ = flate.NewWriter(&c.out, flate.DefaultCompression)
	}
	c.out.Reset()
	io.WriteString(c.z, content)
	c.z.Flush()
	return strings.TrimSuffix(c.out.String(), tail)
}

func (c *codec) inflate(payload string) (string, error) {
	content, err := inflated(payload, c.window)
	if c.keeps {
		c.window += content
		c.window = c.window[max(0, len(c.window)-1<<15):]
	}
	return content, err
}

// Canaries: many connections at once send messages that say whose they are, of sizes around those of all buffers, whole and in fragments, and get back what they
// sent and can inflate it with what this connection has sent before and nothing else. Others are cut off in the middle all the while.
func TestCompression_canaries(t *testing.T) {
	const conns = 6
	messages := 40
	if race {
		messages = 8 // pools forget most of what they are given, and what they keep is poisoned
	}
	for _, z := range agreements {
		for _, v := range victims(compressedModes, z.eager()) {
			t.Run(v.name+"/"+z.name, func(t *testing.T) {
				open := v.start(t, conn.Options{})
				var all sync.WaitGroup
				for i := range conns {
					p := open(t)
					all.Go(func() {
						random := rand.New(rand.NewPCG(uint64(i), 1))
						c := codec{keeps: z.keeps}
						for n := range messages {
							size := 1<<random.IntN(17) + random.IntN(5) - 2
							canary := fmt.Sprintf("connection %d, message %d, %x ", i, n, random.Uint32())
							content := strings.Repeat(canary, size/len(canary)+1)[:max(size, 1)]
							payload := c.deflate(content)
							if n%3 == 0 {
								p.send(v.wire.cut(0x42, payload, 1+random.IntN(5)))
							} else {
								p.send(v.wire.frame(0xc2, payload))
							}
							h, got, err := p.next()
							if err == nil {
								got, err = c.inflate(got)
							}
							if err != nil || !h.Rsv1 || got != content {
								t.Errorf("connection %d, message %d: got %+v with %.100q, %v; want %.100q", i, n, h, got, err, content)
								return
							}
						}
					})
				}
				for i := range 3 * conns { // by open's own goroutine: a client's victims are told apart by who comes next
					p := open(t)
					payload := deflated(strings.Repeat(fmt.Sprintf("one that is cut off, %d ", i), 3000))
					whole := v.wire.cut(0x42, payload, 1+i%3)
					p.send(whole[:len(whole)*(1+i%5)/6])
					p.SetLinger(i%2 - 1)
					p.Close()
				}
				all.Wait()
			})
		}
	}
}

// The other direction: what the victim sends compressed refers to what it has sent compressed on this connection, across plain messages and pongs, and to nothing
// where it has promised to start anew.
func TestCompression_sends(t *testing.T) {
	content := make([]byte, 2000)
	for i := range content {
		content[i] = byte(i * i >> 3)
	}
	long := string(content)
	for _, z := range agreements {
		for _, v := range victims(compressedModes, z) { // which sends less than 512 bytes plain
			t.Run(v.name+"/"+z.name, func(t *testing.T) {
				t.Parallel()
				open := v.start(t, conn.Options{})
				p := open(t)
				c := codec{keeps: z.keeps}
				var sizes []int
				for range 3 {
					p.send(v.wire.frame(0x82, long))
					payload := p.wantsCompressed(t, frame.Binary)
					if got, err := c.inflate(payload); err != nil || got != long {
						t.Fatalf("got %d bytes, %v", len(got), err)
					}
					sizes = append(sizes, len(payload))
					p.send(v.wire.frame(0x89, "ping") + v.wire.frame(0x82, long[:511]))
					p.wants(t, frame.Pong, "ping")
					p.wants(t, frame.Binary, long[:511])
				}
				if refers := sizes[1] < sizes[0]/10 && sizes[2] < sizes[0]/10; refers != z.keeps {
					t.Errorf("the same message is sent in %v bytes", sizes)
				}
			})
		}
	}
}

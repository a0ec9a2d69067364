package conn_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// compression is a way in which permessage-deflate is in use on both sides.
type compression struct {
	name string
	deflate.Agreement
}

func (z compression) options() *conn.Options { return &conn.Options{Compression: z.Agreement} }

// compressed returns a way with the given options and parameters. Every message but an empty one is compressed.
func compressed(name string, o deflate.Options, p deflate.Params) compression {
	o.Threshold = 1
	return compression{name, deflate.Agreement{Active: true, Params: p, Options: o}}
}

var (
	perMessage = compressed("message", deflate.Options{}, deflate.Params{ServerNoContextTakeover: true, ClientNoContextTakeover: true})
	inContext  = compressed("takeover", deflate.Options{ContextTakeover: true}, deflate.Params{})
	dedicated  = compressed("dedicated", deflate.Options{ContextTakeover: true, Dedicated: true}, deflate.Params{})
	narrow     = compressed("narrow", deflate.Options{ContextTakeover: true}, deflate.Params{ServerMaxWindowBits: 9, ClientMaxWindowBits: 8})
	oneSided   = compressed("one-sided", deflate.Options{ContextTakeover: true, Level: 9}, deflate.Params{ServerNoContextTakeover: true, ClientMaxWindowBits: 10})
)

var compressions = []compression{perMessage, inContext, dedicated, narrow, oneSided}

// sender is a way to send a message.
type sender struct {
	name string
	send func(c *conn.Conn, op frame.Opcode, p []byte) error
}

var senders = []sender{
	{"Write", func(c *conn.Conn, op frame.Opcode, p []byte) error { return c.Write(t0, op, p) }},
	{"Plain", func(c *conn.Conn, op frame.Opcode, p []byte) error { return c.WriteAs(t0, op, p, conn.Plain) }},
	{"Compressed", func(c *conn.Conn, op frame.Opcode, p []byte) error { return c.WriteAs(t0, op, p, conn.Compressed) }},
	{"Prepared", func(c *conn.Conn, op frame.Opcode, p []byte) error {
		m, err := conn.NewPrepared(op, p)
		if err != nil {
			return err
		}
		return c.WritePrepared(t0, m)
	}},
	{"NextWriter", streaming(conn.Auto, 5000)},
	{"NextWriter, plain", streaming(conn.Plain, 5000)},
	{"NextWriter, compressed", streaming(conn.Compressed, 100000)},
}

// streaming returns a sender that writes size bytes at a time.
func streaming(coding conn.Coding, size int) func(c *conn.Conn, op frame.Opcode, p []byte) error {
	return func(c *conn.Conn, op frame.Opcode, p []byte) error {
		w, err := c.NextWriterAs(t0, op, coding)
		if err != nil {
			return err
		}
		for len(p) > 0 {
			part := p[:min(size, len(p))]
			p = p[len(part):]
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return w.Close()
	}
}

// TestCompression: whatever the way to send, to read and to compress, in both roles, messages of all sizes come through, mixed on one connection.
func TestCompression(t *testing.T) {
	sent := append(borderMessages(), limitMessages()...)
	for _, z := range compressions {
		for i, way := range readings {
			t.Run(z.name+"/"+way.name, func(t *testing.T) {
				for _, role := range roles {
					l := links[i%3]
					client, server := l.pair(t, z.options())
					from, to := server, client
					if role == frame.Client {
						from, to = client, server
					}
					written := inBackground(func() error {
						for n, m := range sent {
							if err := senders[(n+i)%len(senders)].send(from, m.op, []byte(m.data)); err != nil {
								return err
							}
						}
						return from.Shutdown(t0, closecode.NormalClosure, "")
					})
					reader := inBackground(func() error { // for the Close frame
						_, err := from.Read(t0)
						return err
					})
					n := 0
					err := way.all(to, func(op frame.Opcode, data []byte) {
						if want := sent[n]; op != want.op || string(data) != want.data {
							t.Errorf("%v sends %s: message %d: %v of %d bytes; want the %v of %d bytes that was sent",
								role, senders[(n+i)%len(senders)].name, n, op, len(data), want.op, len(want.data))
						}
						n++
					})
					if n != len(sent) {
						t.Errorf("%v sends: %d messages; want %d", role, n, len(sent))
					}
					wantCloseError(t, err, conn.CloseError{Code: closecode.NormalClosure, Remote: true})
					reader()
					if err := written(); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// TestCompression_concurrent: messages of several goroutines are compressed in the order in which they are sent.
func TestCompression_concurrent(t *testing.T) {
	for _, z := range compressions {
		client, server := tcpLink.pair(t, z.options())
		const writers, each = 6, 60
		prepared, err := conn.NewPrepared(frame.Text, fmt.Appendf(nil, "%d %s", writers, textOf(700)))
		if err != nil {
			t.Fatal(err)
		}
		var done sync.WaitGroup
		for w := range writers {
			done.Go(func() {
				for i := range each {
					m := fmt.Appendf(nil, "%d %d %s", w, i, textOf(i*i*10*(1+w/3)))
					if err := senders[(w+i)%3].send(server, frame.Text, m); err != nil {
						t.Error(err)
					}
					if i%10 == 0 {
						if err := server.WritePrepared(t0, prepared); err != nil {
							t.Error(err)
						}
						if err := streaming(conn.Auto, 3000)(server, frame.Text, fmt.Appendf(nil, "%d %s", writers, textOf(20000))); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		var next [writers + 1]int
		for range writers * (each + 2*each/10) {
			m, err := client.Read(t0)
			if err != nil {
				t.Fatalf("%s: %v", z.name, err)
			}
			var w, i int
			fmt.Sscanf(string(m.Data[:min(20, len(m.Data))]), "%d %d", &w, &i)
			if w < writers {
				if want := fmt.Sprintf("%d %d %s", w, next[w], textOf(next[w]*next[w]*10*(1+w/3))); string(m.Data) != want {
					t.Errorf("%s: writer %d: message %d of %d bytes; want message %d", z.name, w, i, len(m.Data), next[w])
				}
			}
			next[w]++
		}
		done.Wait()
		if next[writers] != 2*writers*each/10 {
			t.Errorf("%s: %d prepared and streamed messages; want %d", z.name, next[writers], 2*writers*each/10)
		}
	}
}

// TestWrite_grown: messages that grow, by what DEFLATE adds to content that it cannot compress, over the length from which on frames are sent in another way, written
// by several goroutines at once.
func TestWrite_grown(t *testing.T) {
	for _, z := range compressions {
		client, server := tcpLink.pair(t, z.options())
		const writers, each = 8, 40
		var done sync.WaitGroup
		for w := range writers {
			done.Go(func() {
				rnd := rand.NewChaCha8([32]byte{byte(w)})
				for i := range each {
					m := make([]byte, 16384-i%10)
					rnd.Read(m)
					if err := server.Write(t0, frame.Binary, m); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range writers * each {
			if m, err := client.Read(t0); err != nil || len(m.Data) < 16374 {
				t.Fatalf("%s: %d bytes, %v", z.name, len(m.Data), err)
			}
		}
		done.Wait()
	}
}

// TestNetConn_compressed: a byte stream of compressed messages loses nothing, also where a peer ends each with a final block (RFC 7692 section 7.2.3.4).
func TestNetConn_compressed(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, inContext.options())
	p.send(p.frame(0xC2, "\xf2\x48\xcd\xc9\xc9\x07\x04"), p.frame(0x82, "-"), p.frame(0xC2, "\x00\x05\x00\xfa\xffHello\x01"),
		p.frame(0xC2, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), p.frame(0x42, "\xf2\x48\xcd"), p.frame(0x00, ""), p.frame(0x80, "\xc9\xc9\x07\x00"))
	got := make([]byte, 21)
	if _, err := io.ReadFull(conn.NetConn(c, frame.Binary), got); err != nil || string(got) != "Hello-HelloHelloHello" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestPrepared_zero: what NewPrepared has not made is refused.
func TestPrepared_zero(t *testing.T) {
	client, server := pipeLink.pair(t, nil)
	for _, c := range []*conn.Conn{client, server} {
		if err := c.WritePrepared(t0, new(conn.Prepared)); err == nil {
			t.Error("the zero Prepared was sent")
		}
	}
	if _, err := conn.NewPrepared(frame.Ping, nil); err == nil {
		t.Error("a prepared ping was made")
	}
}

// TestNextReader_compressedBounded: reading a large message, and writing it, takes little memory at either end: parts are handed on.
func TestNextReader_compressedBounded(t *testing.T) {
	for _, z := range compressions {
		client, server := pipeLink.pair(t, &conn.Options{Compression: z.Agreement, MaxMessage: -1})
		part := []byte(binaryOf(50000))
		const parts = 400
		written := inBackground(func() error {
			w, err := client.NextWriter(t0, frame.Binary)
			if err != nil {
				return err
			}
			for range parts {
				if _, err := w.Write(part); err != nil {
					return err
				}
			}
			return w.Close()
		})
		_, r, err := server.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(part))
		for i := range parts {
			if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, part) {
				t.Fatalf("%s: part %d: %v", z.name, i, err)
			}
			if held := server.Held(); held > 64<<10 {
				t.Fatalf("%s: %d bytes held; want at most 64 KiB", z.name, held)
			}
		}
		if n, err := r.Read(got); n != 0 || err != io.EOF {
			t.Errorf("%s: at the end: %d, %v", z.name, n, err)
		}
		if err := written(); err != nil {
			t.Error(err)
		}
	}
}

// TestMessage_Detach_compressed: the content of a compressed message can be taken over, and stays what it was.
func TestMessage_Detach_compressed(t *testing.T) {
	for _, z := range compressions {
		client, server := pipeLink.pair(t, z.options())
		sent := []string{textOf(1000), textOf(30000), textOf(100)}
		var taken []*bufpool.Buffer
		for _, m := range sent {
			if err := client.Write(t0, frame.Text, []byte(m)); err != nil {
				t.Fatal(err)
			}
			m, err := server.Read(t0)
			if err != nil {
				t.Fatal(err)
			}
			taken = append(taken, m.Detach())
		}
		for i, b := range taken {
			if string(b.B) != sent[i] {
				t.Errorf("%s: message %d is not what was sent", z.name, i)
			}
			b.Release()
		}
	}
}

func TestConn_Compression(t *testing.T) {
	client, server := conn.Pipe(narrow.options(), nil)
	defer client.Close()
	defer server.Close()
	if p, ok := client.Compression(); !ok || p != narrow.Params {
		t.Errorf("got %+v, %v; want what was agreed on", p, ok)
	}
	if p, ok := server.Compression(); ok {
		t.Errorf("got %+v, %v; want none", p, ok)
	}
}

package conn_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// impatient returns a context that ends soon.
func impatient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// proseOf returns n bytes that can be compressed to about a half.
func proseOf(n int) string {
	b := make([]byte, n)
	for i, x := 0, uint32(1); i < n; i++ {
		x = x*1664525 + 1013904223
		b[i] = "etaoin shrdlu.,m"[x>>28]
	}
	return string(b)
}

// threeMessages are the payloads of messages that refer to each other where the way to compress allows that, and their contents.
func threeMessages(t *testing.T, z compression, from frame.Role) (payloads, contents []string) {
	dir := z.Params.Client()
	if from == frame.Server {
		dir = z.Params.Server()
	}
	c := deflate.NewCompressor(dir, z.Options)
	for _, content := range []string{proseOf(100000), textOf(20000), proseOf(100000)} {
		p, err := c.Append(nil, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		payloads, contents = append(payloads, string(p)), append(contents, content)
	}
	return payloads, contents
}

// TestRead_compressedCancelled: a Read that is called off wherever the message has come to loses nothing.
func TestRead_compressedCancelled(t *testing.T) {
	for _, z := range compressions {
		each(t, func(t *testing.T, l link, role frame.Role) {
			c, p := l.peered(t, role, z.options())
			payloads, contents := threeMessages(t, z, role.Peer())
			parts := make(chan []byte, 100)
			defer close(parts)
			go func() { // ends with the parts, or the connection
				for part := range parts {
					p.rw.Write(part)
				}
			}()
			for i, payload := range payloads {
				cut := len(payload) / 2
				for _, f := range [][]byte{p.frame(0x41, payload[:cut]), p.frame(0x80, payload[cut:])} {
					for len(f) > 0 {
						if _, err := c.Read(impatient(t)); !errors.Is(err, context.DeadlineExceeded) {
							t.Fatalf("%s: Read of a part: %v", z.name, err)
						}
						n := min(len(f), 1+len(payload)/3)
						parts <- f[:n]
						f = f[n:]
					}
				}
				if m, err := c.Read(t0); err != nil || string(m.Data) != contents[i] {
					t.Fatalf("%s: message %d: %d bytes, %v", z.name, i, len(m.Data), err)
				}
			}
		})
	}
}

// TestNextReader_compressedCancelled: a reader that is called off is given up with its message. What comes behind it refers to that message all the same.
func TestNextReader_compressedCancelled(t *testing.T) {
	for _, z := range compressions {
		for _, l := range links[:3] {
			for _, gaveUp := range []string{"NextReader", "Read"} {
				c, p := l.peered(t, frame.Server, z.options())
				payloads, contents := threeMessages(t, z, frame.Client)
				cut := len(payloads[0]) / 2
				p.send(p.frame(0x41, payloads[0][:cut]))
				if gaveUp == "Read" { // has the first part in its assembly
					if _, err := c.Read(impatient(t)); !errors.Is(err, context.DeadlineExceeded) {
						t.Fatal(err)
					}
				}
				ctx, cancel := context.WithCancel(t.Context())
				op, r, err := c.NextReader(ctx)
				if err != nil || op != frame.Text {
					t.Fatalf("%s: NextReader: %v, %v", z.name, op, err)
				}
				got := make([]byte, 40000)
				n, err := io.ReadAtLeast(r, got, 10)
				if err != nil || string(got[:n]) != contents[0][:n] {
					t.Fatalf("%s: %d bytes, %v", z.name, n, err)
				}
				time.AfterFunc(time.Millisecond, cancel)
				for err == nil {
					_, err = r.Read(got)
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("%s: Read behind the part that has come: %v", z.name, err)
				}
				go p.send(p.frame(0x00, ""), p.frame(0x80, payloads[0][cut:]), p.frame(0xC1, payloads[1]), p.frame(0xC1, payloads[2]))
				for _, want := range contents[1:] {
					if m, err := c.Read(t0); err != nil || string(m.Data) != want {
						t.Fatalf("%s, %s: got %d bytes, %v; want %d", z.name, gaveUp, len(m.Data), err, len(want))
					}
				}
				if _, err := r.Read(got); err == nil || err == io.EOF {
					t.Errorf("%s: the old reader: %v", z.name, err)
				}
			}
		}
	}
}

// TestNextReader_compressedAbandoned: what a reader that nobody goes on with would keep running ends with the connection, whoever ends it. TestMain looks for
// goroutines.
func TestNextReader_compressedAbandoned(t *testing.T) {
	for _, end := range []struct {
		name string
		end  func(c *conn.Conn, p *peer)
	}{
		{"Close", func(c *conn.Conn, p *peer) { c.Close() }},
		{"Shutdown", func(c *conn.Conn, p *peer) { c.Shutdown(t0, closecode.NormalClosure, "") }},
		{"a write that fails", func(c *conn.Conn, p *peer) {
			p.rw.Close()
			for c.WritePing(nil) == nil {
				time.Sleep(time.Millisecond)
			}
			c.Close()
		}},
		{"Read that fails", func(c *conn.Conn, p *peer) {
			p.rw.Close()
			c.Read(t0)
		}},
		{"a reader that fails", nil},
	} {
		for _, z := range []compression{perMessage, inContext} {
			opts := z.options()
			opts.CloseTimeout = 200 * time.Millisecond
			c, p := tcpLink.peered(t, frame.Server, opts)
			payload := deflated(t, proseOf(100000))
			p.send(p.frame(0x41, payload[:len(payload)/2]))
			_, r, err := c.NextReader(t0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Read(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
			if end.end == nil {
				p.rw.Close()
				if _, err := io.Copy(io.Discard, r); err == nil {
					t.Error("a message that was cut off came to an end")
				}
				continue
			}
			end.end(c, p)
			if _, err := r.Read(make([]byte, 10)); err == nil || err == io.EOF {
				t.Errorf("%s: Read from the reader afterwards: %v", end.name, err)
			}
		}
	}
}

// TestWrite_compressedCancelled: a write that is called off before it was admitted leaves the connection and the context alone. A message that was compressed
// already takes the connection with it where others would refer to it, and only there.
func TestWrite_compressedCancelled(t *testing.T) {
	for _, z := range compressions {
		client, server := pipeLink.pair(t, z.options())
		want := textOf(20000)
		read := inBackground(func() error {
			for range 2 {
				if m, err := client.Read(t0); err != nil || string(m.Data) != want {
					t.Errorf("%s: %d bytes, %v", z.name, len(m.Data), err)
				}
			}
			_, err := client.Read(t0)
			return err
		})
		w, err := server.NextWriter(t0, frame.Text) // others wait for it
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1000, 20000} {
			if err := server.Write(impatient(t), frame.Text, []byte(textOf(n))); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s, %d bytes: %v", z.name, n, err)
			}
		}
		if _, err := io.WriteString(w, want); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := server.Write(t0, frame.Text, []byte(want)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if w, err = server.NextWriter(ctx, frame.Text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, want); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := w.Close(); err != context.Canceled {
			t.Errorf("%s: Close: %v", z.name, err)
		}
		err = server.WritePing(nil)
		if lost := z.Params.Server().ContextTakeover; (err != nil) != lost {
			t.Errorf("%s: the connection ended: %v; want %v", z.name, err, lost)
		}
		server.Close()
		read()
	}
}

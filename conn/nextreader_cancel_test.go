package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/laminar-ws/laminar/frame"
)

// TestNextReader_afterRead: a message that a cancelled Read had begun is read from its beginning.
func TestNextReader_afterRead(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		for _, tt := range []struct {
			name    string
			payload []string // one for each fragment
		}{
			{"short", []string{textOf(40)}},
			{"fragments", []string{"first ", "", "second ", textOf(300)}},
			{"empty first", []string{"", "second"}},
			{"long", []string{textOf(50000)}},
			{"long fragments", []string{textOf(20000), textOf(20000)}},
		} {
			var stream []byte
			for i, payload := range tt.payload {
				first := byte(0)
				if i == 0 {
					first = 0x01
				}
				if i == len(tt.payload)-1 {
					first |= 0x80
				}
				c := peer{role: role.Peer()}
				stream = append(stream, c.frame(first, payload)...)
			}
			want := strings.Join(tt.payload, "")
			for at := 1; at < len(stream); at += 1 + len(stream)/40 {
				c, p := l.peered(t, role, nil)
				r := startRead(c)
				p.send(stream[:at])
				if r.settled() {
					t.Fatalf("Read = %v, %v; want it to wait for the rest", r.m, r.err)
				}
				r.cancel()
				<-r.done
				go p.send(stream[at:])
				op, s, err := c.NextReader(t0)
				if err != nil || op != frame.Text {
					t.Fatalf("%s: NextReader = %v, %v; want text", tt.name, op, err)
				}
				if got, err := io.ReadAll(s); err != nil || string(got) != want {
					t.Fatalf("%s, interrupted at %d: %d bytes, %v; want the %d that were sent", tt.name, at, len(got), err, len(want))
				}
			}
		}
	})
}

// TestNextReader_cancelled: the reads from the reader are bounded by the context of NextReader; the message can be skipped after that, and
// the old reader gives nothing more: neither what it had, which may be another's by now, nor the end.
func TestNextReader_cancelled(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		for _, begun := range []bool{false, true} { // by a Read that was cancelled
			c, p := l.peered(t, role, nil)
			b := slices.Concat(p.frame(0x01, "chunk one"), p.frame(0x00, "chunk two"))
			if begun {
				r := startRead(c)
				p.send(b)
				synctest.Wait()
				r.cancel()
				<-r.done
			} else {
				go p.send(b)
			}
			ctx, cancel := context.WithCancel(t.Context())
			_, r, err := c.NextReader(ctx)
			if err != nil {
				t.Fatal(err)
			}
			short := make([]byte, 5)
			if n, err := io.ReadFull(r, short); string(short[:n]) != "chunk" || err != nil {
				t.Fatalf("the reader's Read = %q, %v", short[:n], err)
			}
			for i := range 2 {
				again := startRead(c)
				if again.settled() {
					t.Fatalf("Read = %v, %v; want it to wait for the message's end", again.m, again.err)
				}
				again.cancel()
				if <-again.done; again.err != context.Canceled {
					t.Fatalf("a cancelled Read = %v", again.err)
				}
				if n, err := r.Read(make([]byte, 20)); n != 0 || err == nil || err == io.EOF || errors.Is(err, net.ErrClosed) {
					t.Errorf("the old reader's Read = %d, %v after %d cancelled calls; want an error that is neither io.EOF nor the connection's end", n, err, i+1)
				}
			}
			cancel()
			go p.send(p.frame(0x80, "chunk three"), p.frame(0x81, "next"))
			if m, err := c.Read(t0); err != nil || string(m.Data) != "next" {
				t.Errorf("Read = %q, %v; want the next message", m.Data, err)
			}
		}
	})
}

// TestNextReader_readCancelled: the context that ends while the reader waits.
func TestNextReader_readCancelled(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		ctx, cancel := context.WithCancel(t.Context())
		go p.send(p.frame(0x01, "one"))
		_, r, err := c.NextReader(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		done := make(chan struct{})
		go func() {
			defer close(done)
			n, err = io.ReadFull(r, make([]byte, 10))
		}()
		synctest.Wait()
		cancel()
		if <-done; n != 3 || err != context.Canceled {
			t.Errorf("read %d bytes, %v; want the 3 that came, and %v", n, err, context.Canceled)
		}
		go p.send(p.frame(0x80, "end"), p.frame(0x82, "next"))
		op, r, err := c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); op != frame.Binary || string(got) != "next" || err != nil {
			t.Errorf("%v %q, %v; want the next message", op, got, err)
		}
	})
}

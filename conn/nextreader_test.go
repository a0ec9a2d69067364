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
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestNextReader_abandoned: whatever was read of a message, the next call goes on behind its end.
func TestNextReader_abandoned(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		messages := map[string][][]byte{
			"whole":                 {p.frame(0x81, "abandoned")},
			"empty":                 {p.frame(0x82, "")},
			"fragments":             {p.frame(0x01, "abandoned"), p.ping(), p.frame(0x00, ""), p.frame(0x00, "x"), p.ping(), p.frame(0x80, "")},
			"long":                  {p.frame(0x82, binaryOf(100000))},
			"long fragments":        {p.frame(0x02, binaryOf(50000)), p.ping(), p.frame(0x80, binaryOf(50000))},
			"many, more than a buf": {p.frame(0x02, "x"), slices.Concat(slices.Repeat([][]byte{p.frame(0x00, binaryOf(100))}, 300)...), p.frame(0x80, "y")},
		}
		for name, frames := range messages {
			for _, n := range []int{0, 1, 5, 100, 5000, 60000} {
				done := make(chan struct{})
				go func() {
					defer close(done)
					p.send(append(frames, p.frame(0x81, "next"))...)
				}()
				_, r, err := c.NextReader(t0)
				if err != nil {
					t.Fatal(err)
				}
				io.ReadFull(r, make([]byte, n)) // fails where the message is shorter
				if m, err := c.Read(t0); err != nil || string(m.Data) != "next" {
					t.Fatalf("%s, %d bytes read: Read = %.20q, %v; want the next message", name, n, m.Data, err)
				}
				if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil {
					t.Errorf("%s: the old reader's Read = %d, %v; want an error", name, n, err)
				}
				<-done
			}
		}
		c.Close()
		p.hearing.Wait()
	})
}

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

// TestNextReader_end: io.EOF comes behind the last byte, and stays.
func TestNextReader_end(t *testing.T) {
	c, p := pipeLink.peered(t, frame.Server, nil)
	for _, frames := range [][][]byte{
		{p.frame(0x81, "Hello")},
		{p.frame(0x01, "Hel"), p.frame(0x00, ""), p.frame(0x80, "lo")},
		{p.frame(0x01, ""), p.frame(0x00, "Hello"), p.frame(0x80, "")},
	} {
		p.send(frames...)
		op, r, err := c.NextReader(t0)
		if op != frame.Text || err != nil {
			t.Fatalf("NextReader = %v, %v; want text", op, err)
		}
		if n, err := r.Read(nil); n != 0 || err != nil {
			t.Errorf("Read of nothing = %d, %v; want 0, nil", n, err)
		}
		got, err := io.ReadAll(r)
		if string(got) != "Hello" || err != nil {
			t.Errorf("message %q, %v; want %q", got, err, "Hello")
		}
		for range 3 {
			if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("Read behind the end = %d, %v; want 0, io.EOF", n, err)
			}
		}
	}
}

// TestNextReader_breach: what was right can be read, then comes the error, in place of io.EOF.
func TestNextReader_breach(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		for _, size := range []int{10, 5000} { // of the reads: the larger ones are straight to the caller's slice
			c, p := l.peered(t, role, nil)
			p.hear()
			text := textOf(20000)
			go p.rw.Write(slices.Concat(p.frame(0x01, text), p.frame(0x80, text[:10000]+"\xFF"+text[:10000])))
			_, r, err := c.NextReader(t0)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for err == nil {
				b := make([]byte, size)
				var n int
				n, err = r.Read(b)
				got = append(got, b[:n]...)
			}
			if code, _ := closecode.Of(err); code != closecode.InvalidPayload || !errors.Is(err, net.ErrClosed) {
				t.Errorf("error %v; want the connection's end, with code 1007", err)
			}
			if len(got) < len(text) || len(got) > len(text)+10000 || string(got) != (text + text)[:len(got)] {
				t.Errorf("%d bytes read; want all of the first fragment and nothing wrong", len(got))
			}
			if n, again := r.Read(make([]byte, size)); n != 0 || again != err {
				t.Errorf("Read once more = %d, %v; want the same error", n, again)
			}
			p.hearing.Wait()
			wantClose(t, p.heard, closecode.InvalidPayload)
		}
	})
}

// TestNextReader_lost: a message whose end never comes does not end with io.EOF.
func TestNextReader_lost(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		go func() {
			p.send(p.frame(0x02, binaryOf(50000)), p.frame(0x80, binaryOf(50000))[:20000])
			p.rw.Close()
		}()
		_, r, err := c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		wantCloseError(t, err, conn.CloseError{Code: closecode.AbnormalClosure, Err: io.EOF})
		if err != io.EOF && len(got) > 70000 {
			t.Errorf("%d bytes read; want no more than were sent", len(got))
		}
	})
}

// TestNextReader_closed: the peer's Close in the middle of a message ends it with the connection's end.
func TestNextReader_closed(t *testing.T) {
	each(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		go p.send(p.frame(0x02, "half"), p.frame(0x88, "\x03\xE9"), p.frame(0x80, "never"))
		_, r, err := c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if string(got) != "half" {
			t.Errorf("read %q; want what came before the Close frame", got)
		}
		wantCloseError(t, err, conn.CloseError{Code: closecode.GoingAway, Remote: true})
		wantClose(t, p.ended(), closecode.GoingAway)
	})
}

// TestNextReader_corking: a reply to a message of which nothing is left to read leaves at once, though it came in several frames, and
// one that others wait behind is held until they were read.
func TestNextReader_corking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, p := pipeLink.peered(t, frame.Server, nil)
		p.send(p.frame(0x01, "one "), p.frame(0x00, "two "), p.frame(0x80, "three"), p.frame(0x81, "next"))
		begin := time.Now()
		_, r, err := c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "one two three" || err != nil {
			t.Fatalf("message %q, %v", got, err)
		}
		c.Write(t0, frame.Text, []byte("a reply"))
		if got := out(p); got != "" {
			t.Errorf("%q left though another message waits", got)
		}
		_, r, err = c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "next" || err != nil {
			t.Fatalf("message %q, %v", got, err)
		}
		c.Write(t0, frame.Text, []byte("another"))
		if got, want := out(p), "\x81\x07a reply\x81\x07another"; got != want {
			t.Errorf("sent %q; want %q", got, want)
		}

		p.send(p.frame(0x01, "one "), p.frame(0x00, "two "), p.frame(0x80, "three"))
		_, r, err = c.NextReader(t0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "one two three" || err != nil {
			t.Fatalf("message %q, %v", got, err)
		}
		c.Write(t0, frame.Text, []byte("last"))
		if got, want := out(p), "\x81\x04last"; got != want {
			t.Errorf("sent %q; want %q, since nothing waits behind the message", got, want)
		}
		if took := time.Since(begin); took > time.Microsecond {
			t.Errorf("it took %v; want no time", took)
		}
	})
}

// out returns what the connection has sent and the peer has not read, in a bubble and over a pipe. It takes a nanosecond at most.
func out(p *peer) string {
	synctest.Wait()
	p.rw.(net.Conn).SetReadDeadline(time.Now().Add(time.Nanosecond))
	b := make([]byte, 1<<16)
	n, _ := p.rw.Read(b)
	return string(b[:n])
}

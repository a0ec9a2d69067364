package conn_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
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

// TestNextReader_direct: of a long frame, what is not there yet is read straight to where it belongs, to the caller's slice or, by Read, behind
// what came of the message before.
func TestNextReader_direct(t *testing.T) {
	p := peer{role: frame.Server}
	stream := slices.Concat(p.frame(0x82, binaryOf(200000)), p.frame(0x82, binaryOf(200000)))
	w := &recording{ReadWriteCloser: input{bytes.NewReader(stream)}}
	c := conn.New(w, frame.Client, nil)
	_, r, err := c.NextReader(t0)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 200000)
	if _, err := io.ReadFull(r, got); err != nil || string(got) != binaryOf(200000) {
		t.Fatalf("the message is not what was sent (%v)", err)
	}
	const first = 1 << 10 // bytes, of which the header takes 10
	if want := []int{first, len(got) - first + 10}; !slices.Equal(w.reads, want) {
		t.Errorf("reads into %v bytes; want %v", w.reads, want)
	}

	w.reads = nil
	if m, err := c.Read(t0); err != nil || string(m.Data) != binaryOf(200000) {
		t.Fatalf("Read = %d bytes, %v", len(m.Data), err)
	}
	for i, n := range w.reads { // each as much as there was before, or all that is left
		if n < 2<<10<<max(0, i-2) && i < len(w.reads)-1 {
			t.Errorf("Read reads into %v bytes; want them to double", w.reads)
			break
		}
	}
}

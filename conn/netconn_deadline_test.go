package conn_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

func wantTimeout(t testing.TB, what string, n int, err error) {
	t.Helper()
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s = %d, %v; want 0, %v", what, n, err, os.ErrDeadlineExceeded)
	}
	if e, ok := err.(net.Error); !ok || !e.Timeout() {
		t.Errorf("%s: %#v is no net.Error that timed out", what, err)
	}
}

// TestNetConn_deadline_read: past, in future, moved while a Read waits, cleared; no byte is lost by it.
func TestNetConn_deadline_read(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		s := conn.NetConn(c, frame.Binary)
		begin := time.Now()
		b := make([]byte, 100)
		gaveUp := func(after time.Duration) {
			t.Helper()
			n, err := s.Read(b)
			wantTimeout(t, "Read", n, err)
			if took := time.Since(begin); took != after {
				t.Errorf("Read gave up after %v; want %v", took, after)
			}
		}
		s.SetReadDeadline(begin.Add(-time.Hour))
		gaveUp(0)
		s.SetReadDeadline(begin.Add(time.Second))
		gaveUp(time.Second)
		gaveUp(time.Second)
		stream := p.frame(0x82, "Hello, world")
		go p.send(stream[:10])
		s.SetDeadline(begin.Add(2 * time.Second))
		got := make([]byte, 12)
		n, err := io.ReadFull(s, got)
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != 2*time.Second {
			t.Errorf("read %q, %v after %v; want a timeout after 2s", got[:n], err, time.Since(begin))
		}
		s.SetReadDeadline(begin.Add(time.Hour))
		time.AfterFunc(time.Second, func() { s.SetReadDeadline(begin) }) // back, while it waits
		gaveUp(3 * time.Second)
		s.SetReadDeadline(begin.Add(4 * time.Second))
		time.AfterFunc(500*time.Millisecond, func() { s.SetReadDeadline(begin.Add(10 * time.Second)) }) // on
		gaveUp(10 * time.Second)
		s.SetReadDeadline(begin.Add(11 * time.Second))
		time.AfterFunc(500*time.Millisecond, func() { s.SetReadDeadline(time.Time{}) }) // away
		time.AfterFunc(time.Hour, func() { p.send(stream[10:]) })
		m, err := io.ReadFull(s, got[n:])
		if err != nil || string(got) != "Hello, world" {
			t.Errorf("read %q, %v; want all of the message in the end", got[:n+m], err)
		}
	})
}

// TestNetConn_deadline_write: one that had passed before a Write does no harm; one that passes during a Write ends the connection.
func TestNetConn_deadline_write(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		s := conn.NetConn(c, frame.Binary)
		begin := time.Now()
		for _, past := range []time.Time{begin.Add(-time.Hour), begin} {
			s.SetWriteDeadline(past)
			n, err := s.Write(make([]byte, 1000))
			wantTimeout(t, "Write", n, err)
			n, err = s.Write(make([]byte, 100000))
			wantTimeout(t, "Write", n, err)
		}
		s.SetWriteDeadline(time.Time{})
		wrote := inBackground(func() error {
			_, err := io.WriteString(s, "Hello")
			return err
		})
		if f, err := readFrame(p.reader()); err != nil || f.payload != "Hello" {
			t.Fatalf("the peer reads %v %q, %v; want what was written in time", f.Opcode, f.payload, err)
		}
		if err := wrote(); err != nil {
			t.Fatal(err)
		}

		s.SetDeadline(begin.Add(time.Hour))
		time.AfterFunc(time.Second, func() { s.SetWriteDeadline(begin.Add(2 * time.Second)) })
		n, err := 0, error(nil)
		for err == nil {
			n, err = s.Write(make([]byte, 50000))
			if err == nil {
				n = 0
			}
		}
		wantTimeout(t, "Write", n, err)
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("Write gave up after %v; want 2s", took)
		}
		_, err = s.Write([]byte("x"))
		if code, _ := closecode.Of(err); code != closecode.AbnormalClosure || !errors.Is(err, net.ErrClosed) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Write once more: %v; want the connection's end, for a timeout", err)
		}
	})
}

// TestNetConn_deadline_apart: a read deadline does not touch writes, nor the other way round.
func TestNetConn_deadline_apart(t *testing.T) {
	for _, l := range links {
		a, b := streams(t, l)
		a.SetReadDeadline(time.Unix(1, 0))
		n, err := a.Read(make([]byte, 1))
		wantTimeout(t, "Read", n, err)
		b.SetWriteDeadline(time.Unix(1, 0))
		n, err = b.Write(make([]byte, 1))
		wantTimeout(t, "Write", n, err)
		wrote := inBackground(func() error {
			_, err := io.WriteString(a, "Hello")
			return err
		})
		got := make([]byte, 5)
		if _, err := io.ReadFull(b, got); err != nil || string(got) != "Hello" {
			t.Errorf("%s: read %q, %v; want Hello", l.name, got, err)
		}
		if err := wrote(); err != nil {
			t.Errorf("%s: Write: %v", l.name, err)
		}
	}
}

// TestNetConn_concurrent: every method beside every other. What is written by one call stays together.
func TestNetConn_concurrent(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			a, b := streams(t, l)
			const writers, each = 8, 200
			var wg sync.WaitGroup
			for i := range writers {
				wg.Go(func() {
					for range each {
						if _, err := a.Write([]byte{byte(i), byte(i), byte(i)}); err != nil {
							t.Errorf("Write: %v", err)
						}
						a.SetDeadline(time.Now().Add(time.Hour))
						a.SetReadDeadline(time.Unix(1, 0))
						a.SetWriteDeadline(time.Time{})
						a.LocalAddr()
						a.RemoteAddr()
						a.Read(make([]byte, 1))
					}
				})
			}
			var mu sync.Mutex
			count := 0
			for range 3 {
				wg.Go(func() {
					for {
						mu.Lock() // three bytes are one Write's
						done := count == writers*each
						var p [3]byte
						var err error
						if !done {
							_, err = io.ReadFull(b, p[:])
							count++
						}
						mu.Unlock()
						if err != nil || p[0] != p[1] || p[1] != p[2] {
							t.Errorf("read %v, %v; want what one Write wrote", p, err)
						}
						if done || err != nil {
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// TestNetConn_closedMeanwhile: Close, from either end, ends whatever goes on.
func TestNetConn_closedMeanwhile(t *testing.T) {
	for _, own := range []bool{true, false} {
		for _, l := range links {
			a, b := streams(t, l)
			var wg sync.WaitGroup
			wg.Go(func() { io.Copy(struct{ io.Writer }{b}, struct{ io.Reader }{b}) }) // an echo
			wg.Go(func() {
				for err := error(nil); err == nil; {
					_, err = a.Write(make([]byte, 1024))
				}
			})
			wg.Go(func() {
				p := make([]byte, 1024)
				for n := 0; ; n++ {
					if _, err := a.Read(p); err != nil {
						return
					}
					if n == 100 {
						end := a
						if !own {
							end = b
						}
						wg.Go(func() {
							if err := end.Close(); err != nil {
								t.Errorf("%s: Close: %v", l.name, err)
							}
						})
					}
				}
			})
			wg.Wait()
		}
	}
}

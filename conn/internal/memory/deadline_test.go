package memory_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/conn/internal/memory"
)

// waits is a call that waits at the end of a Pipe, and how its deadline is set.
type waits struct {
	name string
	call func(*memory.End) (int, error)
	set  func(*memory.End, time.Time) error
}

var waiting = []waits{
	{"Read", func(e *memory.End) (int, error) { return e.Read(make([]byte, 1)) }, (*memory.End).SetReadDeadline},
	{"Write", func(e *memory.End) (int, error) { return e.Write([]byte("x")) }, (*memory.End).SetWriteDeadline},
	{"Read, both set", func(e *memory.End) (int, error) { return e.Read(make([]byte, 1)) }, (*memory.End).SetDeadline},
	{"Write, both set", func(e *memory.End) (int, error) { return e.Write([]byte("x")) }, (*memory.End).SetDeadline},
}

// stuck returns an end that has nothing to read and no room to write.
func stuck() (end, other *memory.End) {
	end, other = memory.Pipe()
	end.Write(make([]byte, capacity))
	return end, other
}

func TestEnd_deadlines(t *testing.T) {
	for _, w := range waiting {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				end, _ := stuck()
				gaveUp := func(after time.Duration) {
					t.Helper()
					n, err := w.call(end)
					wantEnd(t, w.name, n, err, os.ErrDeadlineExceeded)
					if got := time.Since(begin); got != after {
						t.Errorf("%s gives up after %v; want %v", w.name, got, after)
					}
				}
				w.set(end, begin.Add(time.Second))
				gaveUp(time.Second)
				gaveUp(time.Second) // and stays passed
				w.set(end, begin.Add(-time.Second))
				gaveUp(time.Second)
				w.set(end, time.Now())
				gaveUp(time.Second)
				w.set(end, begin.Add(3*time.Second)) // may be moved on
				gaveUp(3 * time.Second)

				// Moved while a call waits: on, then back.
				w.set(end, begin.Add(4*time.Second))
				time.AfterFunc(500*time.Millisecond, func() { w.set(end, begin.Add(10*time.Second)) })
				gaveUp(10 * time.Second)
				w.set(end, begin.Add(time.Hour))
				time.AfterFunc(time.Second, func() { w.set(end, begin) })
				gaveUp(11 * time.Second)
			})
		})
	}
}

// TestEnd_deadline_cleared: the zero time means never, also for calls that wait already.
func TestEnd_deadline_cleared(t *testing.T) {
	for _, w := range waiting {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end, other := stuck()
				w.set(end, time.Now().Add(time.Second))
				time.AfterFunc(time.Second/2, func() { w.set(end, time.Time{}) })
				time.AfterFunc(time.Hour, func() {
					other.Read(make([]byte, 1))
					other.Write([]byte("x"))
				})
				if n, err := w.call(end); n != 1 || err != nil {
					t.Errorf("%s = %d, %v; want 1, nil", w.name, n, err)
				}
			})
		})
	}
}

// TestEnd_deadline_apart: each direction of each end has its own.
func TestEnd_deadline_apart(t *testing.T) {
	a, b := memory.Pipe()
	past := time.Unix(1, 0)
	a.SetReadDeadline(past)
	if n, err := a.Write([]byte("x")); n != 1 || err != nil {
		t.Errorf("Write = %d, %v behind a read deadline; want 1, nil", n, err)
	}
	if n, err := b.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("Read = %d, %v at the other end; want 1, nil", n, err)
	}
	a.SetReadDeadline(time.Time{})
	a.SetWriteDeadline(past)
	b.Write([]byte("x"))
	if n, err := a.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("Read = %d, %v behind a write deadline; want 1, nil", n, err)
	}
	n, err := a.Write([]byte("x"))
	wantEnd(t, "Write", n, err, os.ErrDeadlineExceeded)
}

// TestEnd_Write_part: a write that gives up says how much it has written.
func TestEnd_Write_part(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		a.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := a.Write(pattern(capacity + 10)); n != capacity || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v; want %d, %v", n, err, capacity, os.ErrDeadlineExceeded)
		}
		a.Close()
		if got, err := io.ReadAll(b); !bytes.Equal(got, pattern(capacity)) || err != nil {
			t.Errorf("the other end reads %d bytes, %v; want the part that was written", len(got), err)
		}
	})
}

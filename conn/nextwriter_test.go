package conn_test

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/laminar-ws/laminar/frame"
)

// fragment is what a peer sees of a fragment.
type fragment struct {
	Op     frame.Opcode
	Fin    bool
	Length int
}

// TestNextWriter: how a message is cut depends on how it is written. Nothing empty is sent but for the end of a message that had to be fragmented.
func TestNextWriter(t *testing.T) {
	const limit = 16 << 10 // bytes that are put together
	for _, tt := range []struct {
		name   string
		writes []int
		want   []fragment
	}{
		{"nothing", nil, []fragment{{frame.Text, true, 0}}},
		{"nothing, in two writes", []int{0, 0}, []fragment{{frame.Text, true, 0}}},
		{"one byte", []int{1}, []fragment{{frame.Text, true, 1}}},
		{"short writes", []int{1, 2, 0, 3}, []fragment{{frame.Text, true, 6}}},
		{"one write at the limit", []int{limit}, []fragment{{frame.Text, true, limit}}},
		{"two writes to the limit", []int{limit - 1, 1}, []fragment{{frame.Text, true, limit}}},
		{"two writes over the limit", []int{limit, 1}, []fragment{{frame.Text, false, limit}, {frame.Continuation, true, 1}}},
		{"a long write", []int{limit + 1}, []fragment{{frame.Text, false, limit + 1}, {frame.Continuation, true, 0}}},
		{"long writes", []int{limit + 1, 100000, 1 << 20}, []fragment{{frame.Text, false, limit + 1}, {frame.Continuation, false, 100000},
			{frame.Continuation, false, 1 << 20}, {frame.Continuation, true, 0}}},
		{"a long write behind a short one", []int{10, 20000}, []fragment{{frame.Text, false, 10}, {frame.Continuation, false, 20000}, {frame.Continuation, true, 0}}},
		{"long writes behind a short one", []int{10, 20000, 20000}, []fragment{{frame.Text, false, 10}, {frame.Continuation, false, 20000},
			{frame.Continuation, false, 20000}, {frame.Continuation, true, 0}}},
		{"short ones behind a long one", []int{20000, 1, 2}, []fragment{{frame.Text, false, 20000}, {frame.Continuation, true, 3}}},
		{"many", slices.Repeat([]int{1000}, 40), []fragment{{frame.Text, false, 16000}, {frame.Continuation, false, 16000}, {frame.Continuation, true, 8000}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, l link, role frame.Role) {
				c, p := l.peered(t, role, nil)
				p.hear()
				var sent strings.Builder
				w, err := c.NextWriter(t0, frame.Text)
				if err != nil {
					t.Fatal(err)
				}
				for i, n := range tt.writes {
					data := strings.Repeat(string(rune('a'+i%26)), n)
					sent.WriteString(data)
					b := []byte(data)
					if m, err := w.Write(b); m != n || err != nil {
						t.Fatalf("Write = %d, %v; want %d, nil", m, err, n)
					}
					if string(b) != data {
						t.Fatal("Write has changed what it was given")
					}
					clear(b) // and has not kept it
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				shutDown(t, c)
				heard := p.ended()
				var got []fragment
				var data strings.Builder
				for _, f := range heard[:len(heard)-1] {
					got = append(got, fragment{f.Opcode, f.Fin, len(f.payload)})
					data.WriteString(f.payload)
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("fragments (-want +got):\n%s", d)
				}
				if data.String() != sent.String() {
					t.Error("the message is not what was written")
				}
			})
		})
	}
}

// TestNextWriter_copy streams messages from one connection to another, as io.Copy does it.
func TestNextWriter_copy(t *testing.T) {
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			client, server := l.pair(t, nil)
			rnd := rand.New(rand.NewPCG(10, 10))
			sent := borderMessages()
			wrote := inBackground(func() error {
				for _, m := range sent {
					w, err := client.NextWriter(t0, m.op)
					if err != nil {
						return err
					}
					if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{strings.NewReader(m.data)}, make([]byte, 1+rnd.IntN(50000))); err != nil {
						return err
					}
					if err := w.Close(); err != nil {
						return err
					}
				}
				return nil
			})
			for i, want := range sent {
				op, r, err := server.NextReader(t0)
				if err != nil {
					t.Fatal(err)
				}
				var got strings.Builder
				if _, err := io.Copy(&got, r); err != nil || op != want.op || got.String() != want.data {
					t.Errorf("message %d: %v of %d bytes, %v; want the %v of %d bytes that was sent", i, op, got.Len(), err, want.op, len(want.data))
				}
			}
			if err := wrote(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNextWriter_others: other messages wait for the end of the streamed one; control frames do not.
func TestNextWriter_others(t *testing.T) {
	inBubbles(t, func(t *testing.T, l link, role frame.Role) {
		c, p := l.peered(t, role, nil)
		p.hear()
		w, err := c.NextWriter(t0, frame.Text)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(make([]byte, 20000))
		wrote := inBackground(func() error { return c.Write(t0, frame.Binary, []byte("waits")) })
		began := inBackground(func() error {
			w, err := c.NextWriter(t0, frame.Binary)
			if err != nil {
				return err
			}
			return w.Close()
		})
		gaveUp := inBackground(func() error {
			ctx, cancel := context.WithTimeout(t0, time.Second)
			defer cancel()
			_, err := c.NextWriter(ctx, frame.Binary)
			return err
		})
		if err := gaveUp(); err != context.DeadlineExceeded {
			t.Errorf("NextWriter beside another: %v; want %v", err, context.DeadlineExceeded)
		}
		if err := c.WritePing([]byte("between")); err != nil {
			t.Error(err)
		}
		io.WriteString(w, "end")
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if err := wrote(); err != nil {
			t.Error(err)
		}
		if err := began(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		c.Close()
		p.hearing.Wait()
		var got []fragment
		for _, f := range p.heard {
			got = append(got, fragment{f.Opcode, f.Fin, len(f.payload)})
		}
		want := []fragment{{frame.Text, false, 20000}, {frame.Ping, true, 7}, {frame.Continuation, true, 3}, {frame.Binary, true, 5}, {frame.Binary, true, 0}}
		if len(got) == 5 && got[3].Length == 0 { // either of the two may have come first
			got[3], got[4] = got[4], got[3]
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("frames (-want +got):\n%s", d)
		}
	})
}

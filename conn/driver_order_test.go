package conn_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
)

// manyRounds makes c write a message so that others are added during so many writes of the transport that a goroutine has to relieve the writer. When it
// returns, that has just been started.
func (x *wired) manyRounds() (want []string) {
	n := 0
	x.w.mu.Lock()
	x.w.taken = func([]byte, int) {
		if n++; n <= conn.PumpRounds {
			want = append(want, fmt.Sprintf("added during write %d", n))
			x.write(want[n])
		}
	}
	x.w.mu.Unlock()
	want = append(want, "first")
	x.write(want[0])
	return want
}

// TestDriver_relieved: what a writer leaves to a goroutine is ahead of all that is written from then on, whatever its size, and at the end of
// the connection.
func TestDriver_relieved(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that the goroutine begins late
	large := strings.Repeat("large ", 5000)
	for name, tt := range map[string]struct {
		then func(x *wired)
		more []string
		code closecode.Code
	}{
		"a small message": {func(x *wired) { x.write("then") }, []string{"then"}, closecode.AbnormalClosure},
		"a large message": {func(x *wired) { x.write(large) }, []string{large}, closecode.AbnormalClosure},
		"a stream": {func(x *wired) {
			if err := sendStream(x.c, []byte(large)); err != nil {
				t.Error(err)
			}
		}, []string{large}, closecode.AbnormalClosure},
		"Close": {func(x *wired) { x.c.Close() }, nil, closecode.AbnormalClosure},
		"a large message, and Close": {func(x *wired) {
			x.write(large)
			x.c.Close()
		}, []string{large}, closecode.AbnormalClosure},
		"Shutdown": {func(x *wired) { x.d.Shutdown(t0, closecode.NormalClosure, "") }, nil, closecode.NormalClosure},
		"the peer closes its side": {func(x *wired) {
			for done := x.d.End(io.EOF); !done; done = x.w.isClosed() && x.d.End(nil) {
				runtime.Gosched()
			}
		}, nil, closecode.AbnormalClosure},
	} {
		t.Run(name, func(t *testing.T) {
			for _, role := range roles {
				for range 20 {
					x := overWire(t, role, nil, nil, -1)
					want := x.manyRounds()
					tt.then(x)
					all := append(want, tt.more...)
					if x.w.isClosed() { // perhaps while the goroutine was writing
						got, _ := x.arrived()
						all = all[:min(len(got), len(all))]
					} else {
						x.await(len(all))
					}
					for code := closecode.Code(0); code != tt.code; runtime.Gosched() {
						_, err := x.arrived()
						code, _ = closecode.Of(err)
					}
					x.wantArrived(tt.code, all...)
				}
			}
		})
	}
}

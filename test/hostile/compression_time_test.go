package hostile_test

import (
	"context"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// emptyBlocks returns a message of n dynamic blocks that have nothing in them but the end of the block. Their cost is that of their codes: of two symbols.
func emptyBlocks(n int) string {
	return by(func(s *blocks) {
		for range n {
			s.dynamic(257, 1, map[int]int{0: 2, 1: 1, 18: 2})
			s.code(0b11, 2) // 138 symbols and 118 symbols that do not occur
			s.add(138-11, 7)
			s.code(0b11, 2)
			s.add(118-11, 7)
			s.code(0, 1) // the end of the block has a code of one bit, and so has the distance
			s.code(0, 1)
			s.code(0, 1)
		}
		s.flush()
	})
}

// emptyBlocksOfManyCodes returns the same with codes of 277 symbols, 272 of them of 10 bits: for most inflaters, as many tables of a second level as there can be.
func emptyBlocksOfManyCodes(n int) string {
	return by(func(s *blocks) {
		for range n {
			s.dynamic(277, 1, map[int]int{16: 1, 10: 2, 1: 4, 3: 4, 4: 4, 5: 5, 6: 5})
			s.code(0b1100, 4) // one code of 1, 3, 4, 5 and 6 bits each
			s.code(0b1101, 4)
			s.code(0b1110, 4)
			s.code(0b11110, 5)
			s.code(0b11111, 5)
			s.code(0b10, 2) // 10 bits
			for range 45 {
				s.code(0, 1) // and the same six times more
				s.add(6-3, 2)
			}
			s.code(0b10, 2)
			s.code(0b1100, 4)     // the distance
			s.code(752+256-5, 10) // the end of the block; 752/1024 go to the shorter codes
		}
		s.flush()
	})
}

// countingModes answer each message with its length: an application that does nothing else. Events are read as with Read.
var countingModes = []mode{
	{name: "read", serve: func(a *app, c *conn.Conn) {
		a.count(c, func() (int64, error) {
			m, err := c.Read(context.Background())
			return int64(len(m.Data)), err
		})
	}},
	{name: "stream", serve: func(a *app, c *conn.Conn) {
		a.count(c, func() (int64, error) {
			_, r, err := c.NextReader(context.Background())
			if err != nil {
				return 0, err
			}
			return io.Copy(io.Discard, r)
		})
	}},
}

func (a *app) count(c *conn.Conn, read func() (int64, error)) {
	for {
		n, err := read()
		if err != nil {
			ended(c, outcome{err: err}, a.outcome(c.NetConn()))
			return
		}
		c.Write(context.Background(), frame.Text, strconv.AppendInt(nil, n, 10))
	}
}

// Time is linear in the input, whatever is in it: twice as much costs at most 2.3 times the CPU, and none costs seconds. Two doublings are measured in one, and it is the
// least of some measurements of each that is compared, because what a busy machine adds is never less than nothing.
func TestCompression_linearTime(t *testing.T) {
	const (
		ratio = 2.3 * 2.3
		most  = 3 * time.Second // tens of times what the slowest one takes
	)
	maxMessage, less, rounds := 64<<20, 1, 3
	if race {
		maxMessage, less, rounds = 8<<20, 8, 1 // ten times slower, and what is linear in it is the detector's business
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	// What is refused at its first bytes costs less than what else the process does meanwhile. Less than this is taken for this.
	const leastTime = 5 * time.Millisecond
	for _, tt := range []struct {
		name  string
		n     int // takes some milliseconds
		input func(w wire, n int) string
		code  uint16 // 0: the message is delivered
	}{
		{"a bomb under a large limit", maxMessage / 5, func(w wire, n int) string { return w.frame(0xc2, bomb(n)) }, 0},
		{"a bomb over the limit", maxMessage, func(w wire, n int) string { return w.frame(0xc2, bomb(n)) }, 1009},
		{"empty stored blocks", 200_000 / less, func(w wire, n int) string { return w.frame(0xc2, strings.Repeat("\x00"+tail, n)+"\x00") }, 0},
		{"final blocks", 2 << 20 / less, func(w wire, n int) string { return w.frame(0xc2, strings.Repeat("\x03\x00", n)+"\x00") }, 1007},
		{"final blocks with content", 3000 / less, func(w wire, n int) string {
			return w.frame(0xc2, strings.Repeat(deflated(strings.Repeat("x", 1<<10))+tail+"\x03\x00", n)+"\x00")
		}, 0},
		{"dynamic blocks without content", 5000 / less, func(w wire, n int) string { return w.frame(0xc2, emptyBlocks(n)) }, 0},
		{"dynamic blocks without content, of many codes", 2500 / less, func(w wire, n int) string { return w.frame(0xc2, emptyBlocksOfManyCodes(n)) }, 0},
		{"one-byte fragments", 20_000 / less, func(w wire, n int) string {
			p := by(func(s *blocks) {
				for range n / 1005 {
					s.stored(strings.Repeat("x", 1000))
				}
				s.flush()
			})
			return w.cut(0x42, p, len(p))
		}, 0},
		{"empty fragments", 20_000 / less, func(w wire, n int) string {
			return w.frame(0x42, hello) + strings.Repeat(w.frame(0x00, ""), n) + w.frame(0x80, "")
		}, 0},
	} {
		for _, m := range countingModes {
			t.Run(tt.name+"/"+m.name, func(t *testing.T) {
				open := startServer(t, m, &app{}, conn.Options{MaxMessage: int64(maxMessage)}, agreements[1])
				attack := func(n int) (least func() time.Duration) {
					input := tt.input(wire{masked: true}, n)
					took := time.Duration(math.MaxInt64)
					return func() time.Duration {
						p := open(t)
						p.settle(t)
						runtime.GC()         // which leaves the pools half full
						debug.FreeOSMemory() // so that every measurement has to ask for its own
						begin := cpu(t)
						go p.send(input)
						if tt.code != 0 {
							p.wantsClose(t, tt.code)
						} else if h, got, err := p.next(); err != nil || h.Opcode != frame.Text {
							t.Fatalf("got %v %q, %v", h.Opcode, got, err)
						}
						took = min(took, cpu(t)-begin)
						p.Close()
						<-p.seen
						return took
					}
				}
				small, large := attack(tt.n), attack(4*tt.n)
				var a, b time.Duration
				for round := range 20 {
					a, b = small(), large()
					if round+1 >= rounds && (race || float64(b) <= ratio*float64(max(a, leastTime))) && b <= most {
						t.Logf("%v for %d, %v for four times as many: a ratio of %.2f after %d rounds", a, tt.n, b, float64(b)/float64(a), round+1)
						return
					}
				}
				t.Errorf("%d took %v, four times as many %v; want at most %.2f times as long, and %v", tt.n, a, b, ratio, most)
			})
		}
	}
}

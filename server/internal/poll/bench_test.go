//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"strconv"
	"syscall"
	"testing"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// BenchmarkPingPong writes to one end of a socketpair and reads at the other.
func BenchmarkPingPong(b *testing.B) {
	for _, size := range []int{16, 1 << 10, 16 << 10, 64 << 10} {
		p := make([]byte, size)
		for _, impl := range []struct {
			name        string
			read, write func(fd int, p []byte) (int, error)
		}{
			{"poll", poll.Read, poll.Write},
			{"syscall", syscall.Read, syscall.Write},
		} {
			b.Run("impl="+impl.name+"/size="+strconv.Itoa(size), func(b *testing.B) {
				x, y := pair(b)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if n, err := impl.write(x, p); n != size {
						b.Fatal(n, err)
					}
					for got := 0; got < size; {
						n, err := impl.read(y, p)
						if err != nil {
							b.Fatal(err)
						}
						got += n
					}
				}
			})
		}
	}
}

// BenchmarkRead reads where nothing has come: the price of the call alone.
func BenchmarkRead(b *testing.B) {
	p := make([]byte, 64)
	x, _ := pair(b)
	b.Run("impl=poll", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := poll.Read(x, p); err != poll.ErrAgain {
				b.Fatal(err)
			}
		}
	})
	b.Run("impl=syscall", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := syscall.Read(x, p); err != syscall.EAGAIN {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPoller_Wait waits for the byte that it has just written; case=idle finds nothing and does not wait, case=round is an
// echo between two goroutines that both wait.
func BenchmarkPoller_Wait(b *testing.B) {
	events := make([]poll.Event, 64)
	b.Run("case=idle", func(b *testing.B) {
		p := newPoller(b)
		b.ReportAllocs()
		for b.Loop() {
			if n, err := p.Wait(events, 0); n != 0 || err != nil {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("case=ready", func(b *testing.B) {
		p := newPoller(b)
		x, y := pair(b)
		must(b, p.Add(y, 1))
		buf := []byte{1}
		p.Wait(events, 0)
		b.ReportAllocs()
		for b.Loop() {
			poll.Write(x, buf)
			if n, err := p.Wait(events, -1); n != 1 || err != nil {
				b.Fatal(n, err)
			}
			poll.Read(y, buf)
		}
	})
	b.Run("case=round", func(b *testing.B) {
		p, q := newPoller(b), newPoller(b)
		x, y := pair(b)
		must(b, p.Add(x, 1))
		must(b, q.Add(y, 1))
		done := make(chan struct{})
		go func() { // ends with the stream
			defer close(done)
			buf := make([]byte, 8)
			events := make([]poll.Event, 8)
			for {
				q.Wait(events, -1)
				switch n, err := poll.Read(y, buf); err {
				case nil:
					poll.Write(y, buf[:n])
				case poll.ErrAgain:
				default:
					return
				}
			}
		}()
		buf := []byte{1}
		b.ReportAllocs()
		for b.Loop() {
			poll.Write(x, buf)
			for {
				p.Wait(events, -1)
				if n, _ := poll.Read(x, buf); n > 0 {
					break
				}
			}
		}
		poll.Shutdown(x)
		<-done
	})
}

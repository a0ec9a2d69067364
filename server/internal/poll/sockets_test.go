//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// soon is longer than anything takes that is under way.
const soon = 10 * time.Second

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// prepare is done to every new poller.
var prepare = func(*poll.Poller) {}

func newPoller(tb testing.TB) *poll.Poller {
	tb.Helper()
	p, err := poll.New()
	must(tb, err)
	prepare(p)
	tb.Cleanup(func() { p.Close() })
	return p
}

// mine are the descriptors that the end of a test closes: those that have not been closed before, whose numbers may be
// someone else's by then.
var mine = make(map[int]bool)

// closeLater closes fd at the end of the test, unless closeNow has.
func closeLater(tb testing.TB, fd int) {
	mine[fd] = true
	tb.Cleanup(func() {
		if mine[fd] {
			closeNow(tb, fd)
		}
	})
}

func closeNow(tb testing.TB, fd int) {
	tb.Helper()
	delete(mine, fd)
	must(tb, poll.Close(fd))
}

// pair returns the nonblocking ends of a socketpair.
func pair(tb testing.TB) (x, y int) {
	tb.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	must(tb, err)
	for _, fd := range fds {
		must(tb, syscall.SetNonblock(fd, true))
		closeLater(tb, fd)
	}
	return fds[0], fds[1]
}

// listener returns a nonblocking TCP listener of this machine.
func listener(tb testing.TB) (fd int, addr syscall.Sockaddr) {
	tb.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(tb, err)
	closeLater(tb, fd)
	must(tb, syscall.SetNonblock(fd, true))
	must(tb, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(tb, syscall.Listen(fd, 16))
	addr, err = syscall.Getsockname(fd)
	must(tb, err)
	return fd, addr
}

// connect returns a nonblocking connection to addr.
func connect(tb testing.TB, addr syscall.Sockaddr) int {
	tb.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(tb, err)
	closeLater(tb, fd)
	must(tb, syscall.Connect(fd, addr))
	must(tb, syscall.SetNonblock(fd, true))
	return fd
}

// tcpPair returns the ends of a TCP connection, x the one that was accepted.
func tcpPair(tb testing.TB) (x, y int) {
	tb.Helper()
	l, addr := listener(tb)
	y = connect(tb, addr)
	x, _, err := poll.Accept(l)
	must(tb, err)
	closeLater(tb, x)
	return x, y
}

// kinds are the sockets that most tests are run with.
var kinds = []struct {
	name string
	pair func(testing.TB) (x, y int)
}{
	{"unix", pair},
	{"tcp", tcpPair},
}

// fill writes to fd until it takes no more, and returns how many bytes that were.
func fill(tb testing.TB, fd int) (total int) {
	tb.Helper()
	p := make([]byte, 100_000)
	for {
		n, err := poll.Write(fd, p)
		total += n
		switch {
		case err == poll.ErrAgain && n < len(p):
			return total
		case err != nil || n != len(p):
			tb.Fatalf("Write: %d of %d, %v", n, len(p), err)
		}
	}
}

// drain reads n bytes from fd, which may still be on their way.
func drain(tb testing.TB, fd, n int) {
	tb.Helper()
	p := make([]byte, 100_000)
	for end := time.Now().Add(soon); n > 0; {
		m, err := poll.Read(fd, p[:min(n, len(p))])
		n -= m
		if err == poll.ErrAgain && time.Now().Before(end) {
			time.Sleep(100 * time.Microsecond)
		} else if err != nil {
			tb.Fatalf("Read: %v with %d bytes to come", err, n)
		}
	}
}

// readable waits until Read has something to say, and returns that.
func readable(tb testing.TB, fd int, p []byte) (n int, err error) {
	tb.Helper()
	for end := time.Now().Add(soon); time.Now().Before(end); time.Sleep(100 * time.Microsecond) {
		if n, err = poll.Read(fd, p); err != poll.ErrAgain {
			return n, err
		}
	}
	tb.Fatal("nothing came")
	return 0, nil
}

// wait returns what one Wait of up to d says of the descriptor id, put together, and fails if it says anything of another.
func wait(tb testing.TB, p *poll.Poller, id uint64, d time.Duration) poll.Event {
	tb.Helper()
	var events [8]poll.Event
	n, err := p.Wait(events[:], d)
	must(tb, err)
	got := poll.Event{ID: id}
	for _, ev := range events[:n] {
		if ev.ID != id {
			tb.Fatalf("Wait: %+v; want nothing but ID %d", ev, id)
		}
		got.Readable = got.Readable || ev.Readable
		got.Writable = got.Writable || ev.Writable
		got.Hangup = got.Hangup || ev.Hangup
	}
	return got
}

// until waits until id is ready in the way that ready asks for.
func until(tb testing.TB, p *poll.Poller, id uint64, what string, ready func(poll.Event) bool) poll.Event {
	tb.Helper()
	var got poll.Event
	for end := time.Now().Add(soon); time.Now().Before(end); {
		if got = wait(tb, p, id, time.Second); ready(got) {
			return got
		}
	}
	tb.Fatalf("no event says %s", what)
	return got
}

func isReadable(ev poll.Event) bool { return ev.Readable }
func isWritable(ev poll.Event) bool { return ev.Writable }
func isHangup(ev poll.Event) bool   { return ev.Hangup }

// quiet checks that there is no event, of id or of any other.
func quiet(tb testing.TB, p *poll.Poller, id uint64) {
	tb.Helper()
	if got := wait(tb, p, id, 0); got.Readable || got.Writable || got.Hangup {
		tb.Fatalf("Wait: %+v; want no event", got)
	}
}

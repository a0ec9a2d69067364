//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"syscall"
	"testing"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func newPoller(tb testing.TB) *poll.Poller {
	tb.Helper()
	p, err := poll.New()
	must(tb, err)
	tb.Cleanup(func() { p.Close() })
	return p
}

// pair returns the nonblocking ends of a socketpair.
func pair(tb testing.TB) (x, y int) {
	tb.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	must(tb, err)
	for _, fd := range fds {
		must(tb, syscall.SetNonblock(fd, true))
		tb.Cleanup(func() { poll.Close(fd) })
	}
	return fds[0], fds[1]
}

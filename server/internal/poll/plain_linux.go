//go:build race || msan || asan || purego

package poll

import "syscall"

// writev writes a alone; the caller goes on with b. Package syscall has no writev that it tells the race detector about.
func writev(fd int, a, b []byte) (n int, errno syscall.Errno) { return write(fd, a) }

// pollNow is epoll_wait(2) that does not wait. events is not empty.
func pollNow(epoll int, events []syscall.EpollEvent) (n int, errno syscall.Errno) {
	n, err := syscall.EpollWait(epoll, events, 0)
	errno, _ = err.(syscall.Errno)
	return n, errno
}

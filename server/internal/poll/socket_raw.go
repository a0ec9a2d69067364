//go:build linux && !race && !msan && !asan && !purego

package poll

import (
	"syscall"
	"unsafe"
)

// rawSize is up to how many bytes a call is made without telling the scheduler. A nonblocking call on a socket takes 150 ns
// and the copy, and telling of it 30 ns more (BenchmarkRead: 152 ns and 183 ns). What copies for longer is worth telling:
// until it returns, no other goroutine runs on this processor and the garbage collector cannot stop the world.
const rawSize = 64 << 10

// read is read(2).
func read(fd int, p []byte) (n int, errno syscall.Errno) {
	return transfer(syscall.SYS_READ, fd, p)
}

// write is write(2).
func write(fd int, p []byte) (n int, errno syscall.Errno) {
	return transfer(syscall.SYS_WRITE, fd, p)
}

// transfer makes the call trap, which is read(2) or write(2). p is not empty.
func transfer(trap uintptr, fd int, p []byte) (int, syscall.Errno) {
	var n uintptr
	var errno syscall.Errno
	if len(p) <= rawSize {
		n, _, errno = syscall.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	} else {
		n, _, errno = syscall.Syscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	}
	return int(n), errno
}

// writev is writev(2). Neither a nor b is empty.
func writev(fd int, a, b []byte) (int, syscall.Errno) {
	iov := [2]syscall.Iovec{{Base: unsafe.SliceData(a)}, {Base: unsafe.SliceData(b)}}
	iov[0].SetLen(len(a))
	iov[1].SetLen(len(b))
	var n uintptr
	var errno syscall.Errno
	if len(a)+len(b) <= rawSize {
		n, _, errno = syscall.RawSyscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&iov)), 2)
	} else {
		n, _, errno = syscall.Syscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&iov)), 2)
	}
	return int(n), errno
}

// pollNow is epoll_wait(2) that does not wait, by the name that it has on every architecture. events is not empty.
func pollNow(epoll int, events []syscall.EpollEvent) (int, syscall.Errno) {
	p := unsafe.Pointer(unsafe.SliceData(events))
	n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(p), uintptr(len(events)), 0, 0, 0)
	return int(n), errno
}

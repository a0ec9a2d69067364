//go:build darwin || (freebsd && (amd64 || arm64 || riscv64)) || (linux && (race || msan || asan || purego))

package poll

import "syscall"

// read is read(2), and tells the race detector that what was written before the bytes were sent happened before.
func read(fd int, p []byte) (n int, errno syscall.Errno) {
	n, err := syscall.Read(fd, p)
	errno, _ = err.(syscall.Errno)
	return n, errno
}

// write is write(2).
func write(fd int, p []byte) (n int, errno syscall.Errno) {
	n, err := syscall.Write(fd, p)
	errno, _ = err.(syscall.Errno)
	return n, errno
}

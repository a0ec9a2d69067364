//go:build darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll

import (
	"syscall"
	"unsafe"
)

// writev is writev(2). Neither a nor b is empty.
func writev(fd int, a, b []byte) (n int, errno syscall.Errno) {
	iov := [2]syscall.Iovec{{Base: unsafe.SliceData(a)}, {Base: unsafe.SliceData(b)}}
	iov[0].SetLen(len(a))
	iov[1].SetLen(len(b))
	r, _, errno := syscall.Syscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&iov)), 2)
	return int(r), errno
}

//go:build linux || (freebsd && (amd64 || arm64 || riscv64))

package poll

import "syscall"

func accept(fd int) (nfd int, from syscall.Sockaddr, err error) {
	return syscall.Accept4(fd, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
}

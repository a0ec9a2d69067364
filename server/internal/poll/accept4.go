//go:build linux || (freebsd && (amd64 || arm64 || riscv64))

package poll

import "syscall"

func accept(fd int) (nfd int, err error) {
	nfd, _, err = syscall.Accept4(fd, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
	return nfd, err
}

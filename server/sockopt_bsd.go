//go:build darwin || freebsd

package server

import (
	"runtime"
	"syscall"
)

// inheritsOptions says whether connections have the options of their listener; macOS does not pass all of them on.
const inheritsOptions = false

// setTCPOptions sets what package net sets for each connection: no delay, and keep-alive after 15 seconds of silence, every 15 seconds, nine times.
func setTCPOptions(fd int) {
	idle, interval, count := 0x100, 0x200, 0x400 // TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT
	if runtime.GOOS == "darwin" {
		idle, interval, count = 0x10, 0x101, 0x102 // TCP_KEEPALIVE is what the first is called there
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, idle, 15)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, interval, 15)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, count, 9)
}

//go:build unix

package server

import (
	"net"
	"strconv"
	"syscall"
)

// localAddr and remoteAddr return the addresses of a socket, nil where it has none (any more).
func localAddr(fd int) net.Addr  { return netAddr(syscall.Getsockname(fd)) }
func remoteAddr(fd int) net.Addr { return netAddr(syscall.Getpeername(fd)) }

func netAddr(sa syscall.Sockaddr, err error) net.Addr {
	if err != nil {
		return nil
	}
	switch sa := sa.(type) {
	case *syscall.SockaddrInet4:
		return &net.TCPAddr{IP: sa.Addr[:], Port: sa.Port}
	case *syscall.SockaddrInet6:
		return &net.TCPAddr{IP: sa.Addr[:], Port: sa.Port, Zone: zone(int(sa.ZoneId))}
	case *syscall.SockaddrUnix:
		return &net.UnixAddr{Name: sa.Name, Net: "unix"}
	}
	return nil
}

// zone returns the name of an IPv6 scope, as package net does.
func zone(index int) string {
	if index == 0 {
		return ""
	}
	if i, err := net.InterfaceByIndex(index); err == nil {
		return i.Name
	}
	return strconv.Itoa(index)
}

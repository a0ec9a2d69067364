//go:build unix

package server

import (
	"net"
	"strconv"
	"syscall"
)

// localAddr returns the address of a socket, nil where it has none.
func localAddr(fd int) net.Addr {
	sa, err := syscall.Getsockname(fd)
	if err != nil {
		return nil
	}
	return netAddr(sa)
}

// peerOf returns the address of a socket's peer.
func peerOf(fd int) peer {
	sa, err := syscall.Getpeername(fd)
	if err != nil {
		return peer{}
	}
	return newPeer(sa)
}

func netAddr(sa syscall.Sockaddr) net.Addr {
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

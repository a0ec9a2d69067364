//go:build !unix

package server

import (
	"net"
	"syscall"
)

// There are no sockets of ours on this system.

func localAddr(int) net.Addr { return nil }

func peerOf(int) peer { return peer{} }

func netAddr(syscall.Sockaddr) net.Addr { return nil }

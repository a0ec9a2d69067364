//go:build !unix

package server

import "net"

// There are no sockets of ours on this system.

func localAddr(int) net.Addr  { return nil }
func remoteAddr(int) net.Addr { return nil }

package server

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
)

// peer is the address of a TCP client, kept because the kernel forgets it when the connection breaks, and small for most.
type peer struct {
	v4  [6]byte // address and port; zero: see far
	far *netip.AddrPort
}

func newPeer(sa syscall.Sockaddr) (p peer) {
	a, ok := netAddr(sa).(*net.TCPAddr)
	if !ok {
		return p
	}
	addr := a.AddrPort()
	if ip := addr.Addr().Unmap(); ip.Is4() {
		b := ip.As4()
		copy(p.v4[:], b[:])
		binary.BigEndian.PutUint16(p.v4[4:], addr.Port())
		return p
	}
	p.far = &addr
	return p
}

// addr returns nil where none is known.
func (p peer) addr() net.Addr {
	switch {
	case p.far != nil:
		return net.TCPAddrFromAddrPort(*p.far)
	case p.v4 != [6]byte{}:
		ip := netip.AddrFrom4([4]byte(p.v4[:4]))
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, binary.BigEndian.Uint16(p.v4[4:])))
	}
	return nil
}

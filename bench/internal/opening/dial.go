//go:build linux

// Package opening opens connections to an echo server: TCP, and the opening handshake of a WebSocket client (RFC 6455 section 4.1) with an
// offer of permessage-deflate where one is wanted. It knows no WebSocket library.
package opening

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// Timeout bounds connecting and the opening handshake together.
const Timeout = 10 * time.Second

// Dial opens a TCP connection to addr, from the address given unless that is the zero Addr. Closing it resets it: thousands of
// connections would otherwise wait in TIME_WAIT and use up the ports.
func Dial(ctx context.Context, addr netip.AddrPort, from netip.Addr) (*net.TCPConn, error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	dialer := net.Dialer{KeepAlive: -1}
	if from.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, 0))
	}
	nc, err := dialer.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	tc := nc.(*net.TCPConn)
	if err := tc.SetLinger(0); err != nil {
		tc.Close()
		return nil, fmt.Errorf("opening: %w", err)
	}
	return tc, nil
}

// WebSocket opens a TCP connection as Dial does, and with the opening handshake makes it one of WebSocket. There is no deadline on it.
func WebSocket(ctx context.Context, addr netip.AddrPort, from netip.Addr, c wire.Compression) (*net.TCPConn, Agreement, error) {
	tc, err := Dial(ctx, addr, from)
	if err != nil {
		return nil, Agreement{}, err
	}
	a, err := shake(tc, addr, c)
	if err != nil {
		tc.Close()
		return nil, a, fmt.Errorf("opening handshake: %w", err)
	}
	return tc, a, nil
}

func shake(tc *net.TCPConn, addr netip.AddrPort, c wire.Compression) (Agreement, error) {
	if err := tc.SetDeadline(time.Now().Add(Timeout)); err != nil {
		return Agreement{}, err
	}
	if _, err := tc.Write(Request(addr, c)); err != nil {
		return Agreement{}, err
	}
	a, err := readAnswer(tc, c)
	if err != nil {
		return a, err
	}
	return a, tc.SetDeadline(time.Time{})
}

// Detach returns a non-blocking descriptor of the connection that the net package does not watch, and closes tc. The caller closes
// the descriptor.
func Detach(tc *net.TCPConn) (fd int, err error) {
	defer tc.Close()
	raw, err := tc.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("opening: %w", err)
	}
	var dupErr error
	err = raw.Control(func(old uintptr) {
		fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(err, dupErr); err != nil {
		return -1, fmt.Errorf("opening: descriptor: %w", err)
	}
	return fd, nil
}

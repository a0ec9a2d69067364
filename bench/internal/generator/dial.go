//go:build linux

package generator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

// dialTimeout bounds connecting and the opening handshake together.
const dialTimeout = 10 * time.Second

// The key of the handshake and its answer, from RFC 6455 section 1.3. A key that is the same for all connections
// protects nobody, and costs a server what any other would.
const (
	handshakeKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	handshakeAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// dial opens one connection to cfg.Addr, with its opening handshake unless cfg.Plain, and returns its non-blocking descriptor, which the
// caller closes, and what was agreed on its compression.
func dial(ctx context.Context, cfg Config) (fd int, a agreement, err error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := net.Dialer{KeepAlive: -1}
	nc, err := dialer.DialContext(ctx, "tcp", cfg.Addr.String())
	if err != nil {
		return -1, a, fmt.Errorf("generator: %w", err)
	}
	defer nc.Close()
	if !cfg.Plain {
		deadline, _ := ctx.Deadline()
		if err := nc.SetDeadline(deadline); err != nil {
			return -1, a, fmt.Errorf("generator: %w", err)
		}
		if a, err = handshake(nc, cfg.Addr, cfg.Shape.Compression); err != nil {
			return -1, a, fmt.Errorf("generator: opening handshake: %w", err)
		}
	}
	tc := nc.(*net.TCPConn)
	// Closing resets: thousands of connections would otherwise wait in TIME_WAIT and use up the ports.
	if err := tc.SetLinger(0); err != nil {
		return -1, a, fmt.Errorf("generator: %w", err)
	}
	fd, err = duplicate(tc)
	return fd, a, err
}

// handshake asks for an upgrade as RFC 6455 section 4.1 has it, with an offer of compression unless there is to be none, and checks the answer.
func handshake(nc net.Conn, addr netip.AddrPort, c wire.Compression) (a agreement, err error) {
	extensions := ""
	if o := offer(c); o != "" {
		extensions = "Sec-WebSocket-Extensions: " + o + "\r\n"
	}
	_, err = fmt.Fprintf(nc, "GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n", addr, handshakeKey, extensions)
	if err != nil {
		return a, err
	}
	br := bufio.NewReader(nc)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		return a, err
	}
	resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusSwitchingProtocols:
		return a, fmt.Errorf("answered %s", resp.Status)
	case !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket"):
		return a, fmt.Errorf("answered Upgrade: %q", resp.Header.Get("Upgrade"))
	case resp.Header.Get("Sec-WebSocket-Accept") != handshakeAccept:
		return a, errors.New("answered another Sec-WebSocket-Accept than the key asks for (RFC 6455 section 4.2.2)")
	case br.Buffered() > 0:
		return a, errors.New("sent frames of its own accord")
	}
	return agree(c, strings.Join(resp.Header.Values("Sec-WebSocket-Extensions"), ", "))
}

// duplicate returns a descriptor of the connection that the net package does not watch, so that c may be closed.
func duplicate(c *net.TCPConn) (fd int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("generator: %w", err)
	}
	var dupErr error
	err = raw.Control(func(old uintptr) {
		fd, dupErr = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err = errors.Join(err, dupErr); err != nil {
		return -1, fmt.Errorf("generator: descriptor: %w", err)
	}
	return fd, nil
}

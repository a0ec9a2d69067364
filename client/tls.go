package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
)

// startTLS performs the TLS handshake on nc, which it closes where that fails. HTTP/1.1 is the only protocol offered, since the opening
// handshake of RFC 6455 is in it.
func startTLS(ctx context.Context, nc net.Conn, name string, cfg *tls.Config) (net.Conn, error) {
	if cfg = cfg.Clone(); cfg == nil {
		cfg = &tls.Config{}
	}
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = strings.Cut(name, "%") // an IPv6 zone is no part of a certificate's name
	}
	cfg.NextProtos = []string{"http/1.1"}
	tc := tls.Client(nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, fmt.Errorf("TLS handshake: %w", err)
	}
	return tc, nil
}

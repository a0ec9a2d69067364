package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
)

// DefaultHandshakeTimeout bounds Dial as a whole, where Options.HandshakeTimeout is 0.
const DefaultHandshakeTimeout = 10 * time.Second

// Options are the settings of Dial. nil and the zero value are the safe defaults. Dial changes nothing in them and keeps nothing of them, so that one value serves
// any number of dials at once.
type Options struct {
	// Header has further fields of the request, such as Authorization or Cookie. Origin and Host are taken from it, too, Host in place
	// of the URL's. Those that the handshake decides itself are skipped: Upgrade, Connection, all Sec-WebSocket fields.
	Header http.Header

	// Subprotocols are asked for, the favourite first (RFC 6455 section 1.9). Conn.Subprotocol tells which was chosen.
	Subprotocols []string

	// Compression is how permessage-deflate is offered and used (RFC 7692). Where the server does not agree to it, messages are sent plain; an answer
	// that was not offered is an error. nil: off.
	Compression *deflate.Options

	// HandshakeTimeout bounds name lookup, TCP, TLS and HTTP together. 0: DefaultHandshakeTimeout; negative: the context alone bounds them.
	HandshakeTimeout time.Duration

	// TLSConfig is used for wss. ServerName is the URL's host where it is empty; the only protocol that is negotiated (ALPN) is
	// http/1.1. nil: the zero configuration.
	TLSConfig *tls.Config

	// NetDial opens the connection, TLS excluded; network is "tcp", addr has a host and a port. nil: a net.Dialer.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)

	// Conn has the settings of the connection, once it is open. Its Subprotocol and Compression are overwritten.
	Conn conn.Options
}

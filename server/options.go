package server

import (
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
)

// DefaultHandshakeTimeout bounds the opening handshake where Options.HandshakeTimeout is 0.
const DefaultHandshakeTimeout = 10 * time.Second

// Options are the settings of Accept, Upgrade, Handler and Server. nil and the zero value are the safe defaults. They are never written
// to, so that one value serves any number of connections at once.
type Options struct {
	// Origins are patterns of the origins whose pages may connect, besides the server's own: "example.com", "*.example.com",
	// "https://*.example.com:8443" (see handshake.Origin.Match). Requests without an Origin, which no browser makes, are always welcome.
	Origins []string

	// SkipOriginCheck lets the pages of any origin connect, in the name of whoever visits them.
	SkipOriginCheck bool

	// Subprotocols are those the server speaks, its favourite first. The first one that the client offered is chosen; none in common: none.
	Subprotocols []string

	// Compression is how permessage-deflate is negotiated and used (RFC 7692). Clients' offers are tried in order; where none can be accepted,
	// messages are sent plain. nil: off. Options that do not Validate refuse every client with status 500.
	Compression *deflate.Options

	// HandshakeTimeout bounds the opening handshake: for Upgrade and Server from accepting the connection to the 101 response, TLS included; for
	// Accept and Handler, where net/http has read the request, the response alone. 0: DefaultHandshakeTimeout; negative: no bound.
	HandshakeTimeout time.Duration

	// Conn has the settings of the connection, once it is open. Its Subprotocol and Compression are overwritten.
	Conn conn.Options
}

func (o *Options) orDefault() *Options {
	if o == nil {
		return &Options{}
	}
	return o
}

func (o *Options) handshakeTimeout() time.Duration {
	if o.HandshakeTimeout == 0 {
		return DefaultHandshakeTimeout
	}
	return o.HandshakeTimeout
}

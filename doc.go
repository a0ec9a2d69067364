// Package laminar holds the documentation of a layered WebSocket SDK (RFC 6455, RFC 7692).
//
// Nothing is exported here. Most programs import one of the two facades:
//
//   - server: accept connections from net/http, from a bare net.Conn, or from a Server of its own;
//   - client: dial ws and wss URLs.
//
// Both hand out a *conn.Conn, which reads and writes messages. Below it lie packages that
// stand alone, for transports, proxies and protocols of your own:
//
//   - frame: headers, masking and the sequence rules of RFC 6455 section 5, over any io.Reader and io.Writer;
//   - handshake: the opening handshake of RFC 6455 section 4 as values, without I/O;
//   - deflate: permessage-deflate of RFC 7692, negotiation and messages, without frames or HTTP;
//   - bufpool: byte buffers in size classes, with one owner each;
//   - closecode: the status codes of RFC 6455 section 7.4.
//
// A package imports only packages on lower floors; docs/architecture.md shows the floors and the
// way that data takes through them.
package laminar

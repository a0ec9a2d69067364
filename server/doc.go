// Package server accepts WebSocket connections (RFC 6455 section 4.2): in a handler of net/http or of a router on top of it, on a bare
// net.Conn, or with a Server of its own. All three give a *conn.Conn, whose documentation says how to read, write and close.
//
// In a handler, with a loop that reads:
//
//	func echo(w http.ResponseWriter, r *http.Request) {
//		c, err := server.Accept(w, r, nil)
//		if err != nil {
//			return // the client was told
//		}
//		defer c.Close()
//		for m, err := range c.Messages(r.Context()) {
//			if err != nil || c.Write(r.Context(), m.Op, m.Data) != nil {
//				return
//			}
//		}
//	}
//
// With functions that are called, and net/http's goroutine and buffers freed:
//
//	http.Handle("/echo", server.Handler(&conn.Events{
//		OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(context.Background(), m.Op, m.Data) },
//	}, nil))
//
// # Event loops
//
// With Server.Loops, a few event loops drive all connections. One that is at rest then holds neither a goroutine nor a buffer, about 200 bytes in all. Events' functions are
// called as before, one at a time for each connection, but on the goroutine of the loop that it belongs to:
//
//   - A function must not wait: for a lock that is held for long, a database, the network, or another message. All connections of its loop would wait with it.
//     Where that cannot be had, set Server.Workers: the functions then run on a bounded number of goroutines, in order for each connection, and one
//     that takes its time keeps only its own connection waiting, as long as there are others.
//   - Writes do not wait, whoever calls them: what the client does not take is queued, up to Options.Conn.WriteQueue. A client whose queue is over HighWater is not
//     read from. OnDrain tells when it has taken all.
//   - Conn.Read and its kin return an error. Conn.Shutdown, called from a function, does not wait.
//   - Conn.NetConn returns a transport that knows the client's address for ever, and its own until OnClose has returned. Socket options can be set through its SyscallConn
//     method. Over TLS it has tls.Conn's method ConnectionState.
//   - A function that panics or ends its goroutine ends its connection, and no other.
//
// Shutdown and Close work as they do with goroutines: clients that are in their opening handshake are ended, all others get a Close frame with 1001 and the time to
// answer it. Shutdown returns when the last OnClose has, and the loops have ended.
//
// TLS is that of crypto/tls. A goroutine performs the TLS handshake and the opening handshake, in Options.HandshakeTimeout at most; then the connection moves to a loop. What
// crypto/tls holds for each is then most of what a connection costs.
//
// Connections that net/http, or a router on top of it, has upgraded can be moved to the loops of a Server by its method Adopt. On systems without a poller, which
// are all but Linux, macOS and FreeBSD, and for connections that are no TCP or Unix sockets, Loops means a goroutine for each connection, and Workers nothing.
//
// # Origins
//
// Only pages of the same origin may connect, unless Options say otherwise: a browser sends its cookies to whatever address a page asks
// for, so that without this check any page could act as the user (cross-site WebSocket hijacking).
package server

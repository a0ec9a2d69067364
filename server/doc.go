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
// Only pages of the same origin may connect, unless Options say otherwise: a browser sends its cookies to whatever address a page asks
// for, so that without this check any page could act as the user (cross-site WebSocket hijacking).
package server

// Package conn is a WebSocket connection over any byte stream: messages in both directions, pings, and the closing
// handshake (RFC 6455 sections 5 to 8). What comes before, the opening handshake, is left to packages client and server or
// to a caller that has done it in another way.
//
// A connection is read in one of two ways, by one goroutine at a time. A loop of its own asks for one message after another:
//
//	for {
//		m, err := c.Read(ctx)
//		if err != nil {
//			return err
//		}
//		if err := c.Write(ctx, m.Op, m.Data); err != nil {
//			return err
//		}
//	}
//
// Or Serve reads and calls functions:
//
//	err := c.Serve(ctx, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
//		c.Write(ctx, m.Op, m.Data)
//	}})
//
// Or nobody reads, and an event loop gives a Driver the bytes that have come for it. Package server has such loops.
//
// Where the opening handshake has agreed on permessage-deflate (RFC 7692, package deflate), messages are compressed and inflated on the way, and neither of these
// looks different for it. WriteAs and NextWriterAs choose for each message, Prepared ones are compressed once for many connections.
//
// Any number of goroutines may write, at any time. Small frames that several of them write at once leave in one system call, and so do the
// replies to frames that came in together (see Conn.Write).
//
// # Goroutines
//
// The package starts a goroutine only where a write would otherwise keep the wrong one waiting: for frames that a goroutine handed over
// to another's write, for pongs, and for replies held behind a stalled handler, each only when the transport does not take the
// bytes at once. It ends when they are written or the connection ends. A transport without read deadlines costs one more
// for a read whose context can be cancelled, until that read returns. A compressed message that NextReader reads while it arrives is inflated by
// one that runs only while a read waits for it, and ends with the message or the connection. A driven connection starts one where others add frames faster
// than the goroutine that writes should have to take along. Serve, with a context that can be cancelled, shuts the connection down from
// the context's goroutine.
package conn

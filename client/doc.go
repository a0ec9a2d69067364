// Package client dials WebSocket servers (RFC 6455 section 4.1), over TCP and TLS:
//
//	c, err := client.Dial(ctx, "wss://example.com/chat", nil)
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	err = c.Write(ctx, frame.Text, []byte("hello"))
//
// Redirects are not followed. What Dial returns is a *conn.Conn, whose documentation says how to read, write and close.
package client

package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
)

// Accept turns a request of net/http into a WebSocket connection. It takes the transport over through http.ResponseController, so that
// ResponseWriters that middlewares have wrapped work where they have an Unwrap method. Where it returns an error, a *handshake.RejectError
// for a request that was refused, the client has been answered and the handler has nothing left to do but return.
//
// The connection outlives the handler, unless that closes it. The request's context ends with the handler.
func Accept(w http.ResponseWriter, r *http.Request, opts *Options) (*conn.Conn, error) {
	o := opts.orDefault()
	offer, err := handshake.CheckRequest(r)
	var agreed agreement
	if err == nil {
		agreed, err = o.agree(offer, requestScheme(r))
	}
	if err != nil {
		if refusal, ok := errors.AsType[*handshake.RejectError](err); ok {
			refusal.ServeHTTP(w, r)
		}
		return nil, err
	}
	nc, early, err := hijack(w)
	if err != nil {
		if !errors.Is(err, http.ErrHijacked) {
			http.Error(w, "the connection cannot be taken over", http.StatusInternalServerError)
		}
		return nil, err
	}
	var c *conn.Conn
	nc.SetDeadline(time.Time{}) // net/http may have set one
	err = bounded(context.Background(), nc, o, func() error {
		c, err = open(nc, agreed, offer.Key, early)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// requestScheme returns "wss" for a request that came by TLS, else "", because a proxy may have ended TLS.
func requestScheme(r *http.Request) string {
	if r.TLS != nil {
		return "wss"
	}
	return ""
}

// hijack takes the transport over from net/http, with what was read of it behind the request.
func hijack(w http.ResponseWriter) (nc net.Conn, early []byte, err error) {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("websocket: a %T gives no access to the connection (does it have an Unwrap method?): %w", w, err)
	}
	if n := rw.Reader.Buffered(); n > 0 {
		early, _ = rw.Reader.Peek(n)
	}
	if s, ok := nc.(*startedConn); ok { // a request of a Server that began as plain HTTP
		early = append(early, s.rest...)
		nc = s.Conn
	}
	return nc, early, nil
}

// open sends the 101 response and makes a connection of nc, in front of which early was read already.
func open(nc net.Conn, agreed agreement, key string, early []byte) (*conn.Conn, error) {
	head := bufpool.Get(512)
	defer head.Release()
	head.B = agreed.answer.Append(head.B, key)
	if _, err := nc.Write(head.B); err != nil {
		return nil, fmt.Errorf("websocket: sending the 101 response: %w", err)
	}
	c := conn.New(nc, frame.Server, &agreed.settings)
	c.Unread(early)
	return c, nil
}

package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/laminar-ws/laminar/bufpool"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/handshake"
)

// Upgrade reads an opening handshake from nc, without net/http, and answers it. ctx and Options.HandshakeTimeout bound it. Where it returns an
// error, a *handshake.RejectError for a request that was refused, the client has been answered and nc is closed.
func Upgrade(ctx context.Context, nc net.Conn, opts *Options) (*conn.Conn, error) {
	o := opts.orDefault()
	head := bufpool.Get(1 << 10)
	defer head.Release()
	var c *conn.Conn
	err := bounded(ctx, nc, o, func() error {
		offer, n, err := readRequest(nc, head)
		if err != nil {
			return refuse(nc, err)
		}
		c, err = answerOffer(nc, offer, head.B[n:], o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// bounded runs work, the part of an opening handshake that waits on nc, and makes it fail when ctx or the time for a handshake ends; a refusal stays the
// error then. Where it fails, nc is closed; else it has no deadline of ours.
func bounded(ctx context.Context, nc net.Conn, o *Options, work func() error) error {
	if t := o.handshakeTimeout(); t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	stop := context.AfterFunc(ctx, func() { interrupt(nc) })
	err := work()
	if _, refused := errors.AsType[*handshake.RejectError](err); !stop() && !refused {
		err = fmt.Errorf("websocket: opening handshake: %w", ctx.Err())
	}
	if err != nil {
		nc.Close()
	}
	return err
}

// interrupt makes what waits on nc return, now and in future: a transport need not have deadlines.
func interrupt(nc net.Conn) {
	if nc.SetDeadline(time.Unix(1, 0)) != nil {
		nc.Close()
	}
}

// readRequest reads until head begins with a whole request head, of n bytes. Each byte is looked at once.
func readRequest(r io.Reader, head *bufpool.Buffer) (offer handshake.Offer, n int, err error) {
	var scanner handshake.HeadScanner
	for {
		offer, n, err = scanner.ParseRequest(head.B)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			return offer, n, err
		}
		head.Grow(1)
		m, err := r.Read(head.B[len(head.B):cap(head.B)])
		head.B = head.B[:len(head.B)+m]
		if m == 0 && err != nil {
			return handshake.Offer{}, 0, fmt.Errorf("websocket: reading the request: %w", err)
		}
	}
}

// answerOffer sends the 101 response, or the refusal, which is also the error.
func answerOffer(nc net.Conn, offer handshake.Offer, early []byte, o *Options) (*conn.Conn, error) {
	agreed, err := o.agree(offer, connScheme(nc))
	if err != nil {
		return nil, refuse(nc, err)
	}
	return open(nc, agreed, offer.Key, early)
}

func connScheme(nc net.Conn) string {
	if isTLS(nc) {
		return "wss"
	}
	return ""
}

const (
	// refusalTime and refusalBytes bound how long a client that was refused may take to read that, and what is read of its further input
	// meanwhile: closing a socket with unread input resets it, and the response would be lost.
	refusalTime  = 500 * time.Millisecond
	refusalBytes = 256 << 10
)

// refuse answers the client with err, where that is a refusal, and returns it.
func refuse(nc net.Conn, err error) error {
	refusal, ok := errors.AsType[*handshake.RejectError](err)
	if !ok {
		return err
	}
	if _, werr := nc.Write(refusal.Append(nil)); werr != nil {
		return err
	}
	if w, ok := nc.(interface{ CloseWrite() error }); ok {
		w.CloseWrite()
		timer := time.AfterFunc(refusalTime, func() { interrupt(nc) }) // a deadline would undo that of an ended context
		io.CopyN(io.Discard, nc, refusalBytes)
		timer.Stop()
	}
	return err
}

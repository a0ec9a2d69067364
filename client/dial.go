package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
)

// Dial opens a connection to the server at a ws or wss URL. A user and a password in the URL are sent as Basic authorization. The
// error of a server that did not agree is a *RefusedError. ctx bounds Dial alone, not the connection.
func Dial(ctx context.Context, url string, opts *Options) (*conn.Conn, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	c, err := dial(ctx, url, &o)
	if err != nil {
		return nil, fmt.Errorf("websocket: dial: %w", err)
	}
	return c, nil
}

func dial(ctx context.Context, url string, o *Options) (*conn.Conn, error) {
	to, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if o.Compression != nil {
		if err := o.Compression.Validate(); err != nil {
			return nil, err
		}
	}
	offer := newOffer(to, o)
	request, err := offer.Append(nil)
	if err != nil {
		return nil, err
	}
	timeout := o.HandshakeTimeout
	if timeout == 0 {
		timeout = DefaultHandshakeTimeout
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	nc, err := open(ctx, to, o)
	if err != nil {
		return nil, err
	}
	var answer handshake.Answer
	var rest []byte
	err = bounded(ctx, nc, func() (err error) {
		if _, err = nc.Write(request); err == nil {
			answer, rest, err = readAnswer(nc, offer)
		}
		return err
	})
	settings := o.Conn
	if err == nil {
		settings.Subprotocol = answer.Subprotocol
		settings.Compression, err = o.compression(answer)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	c := conn.New(nc, frame.Client, &settings)
	c.Unread(rest)
	return c, nil
}

func newOffer(to endpoint, o *Options) handshake.Offer {
	offer := handshake.Offer{
		Target:       to.target,
		Host:         to.host,
		Origin:       o.Header.Get("Origin"),
		Key:          handshake.NewKey(),
		Subprotocols: o.Subprotocols,
		Extensions:   o.extensions(),
		Header:       o.Header,
	}
	if host := o.Header.Get("Host"); host != "" {
		offer.Host = host
	}
	if to.auth != "" && o.Header.Get("Authorization") == "" {
		offer.Header = o.Header.Clone()
		if offer.Header == nil {
			offer.Header = make(map[string][]string, 1)
		}
		offer.Header.Set("Authorization", to.auth)
	}
	return offer
}

// open connects to the server, up to and including TLS.
func open(ctx context.Context, to endpoint, o *Options) (net.Conn, error) {
	netDial := o.NetDial
	if netDial == nil {
		netDial = new(net.Dialer).DialContext
	}
	nc, err := netDial(ctx, "tcp", to.addr)
	if err != nil || !to.secure {
		return nc, err
	}
	return startTLS(ctx, nc, to.name, o.TLSConfig)
}

// bounded runs work, which waits on nc, and makes it fail with ctx's error when ctx ends. Where it did not, nc has no deadline of ours.
func bounded(ctx context.Context, nc net.Conn, work func() error) error {
	stop := context.AfterFunc(ctx, func() { interrupt(nc) })
	err := work()
	if _, refused := errors.AsType[*RefusedError](err); !stop() && !refused {
		return fmt.Errorf("opening handshake: %w", ctx.Err())
	}
	return err
}

// interrupt makes what waits on nc return, now and in future: a transport of NetDial need not have deadlines.
func interrupt(nc net.Conn) {
	if nc.SetDeadline(time.Unix(1, 0)) != nil {
		nc.Close()
	}
}

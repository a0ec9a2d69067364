//go:build linux

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"

	"github.com/laminar-ws/laminar/bench/internal/certificate"
	"github.com/laminar-ws/laminar/bench/internal/memquery"
	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// measurer is what all rows have in common.
type measurer struct {
	server string // file name of the program
	pair   certificate.Pair
}

// measure returns what a server holds per connection, of n that echoed so many messages each.
func (m measurer) measure(ctx context.Context, r row, n, messages int) (held report.Memory, err error) {
	args, scheme := r.args(), "ws"
	opts := &client.Options{Compression: r.client}
	if r.tls {
		args, scheme = append(args, "-cert", m.pair.CertFile, "-key", m.pair.KeyFile), "wss"
		opts.TLSConfig = &tls.Config{RootCAs: m.pair.Pool}
	}
	p, err := program.Start(ctx, -1, m.server, args...)
	if err != nil {
		return held, err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	docs := wire.Documents(1024, messages)
	var conns []*conn.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	open := func(n int) error {
		from := len(conns)
		for range n {
			c, err := client.Dial(ctx, scheme+"://"+p.Addr+"/", opts)
			if err != nil {
				return fmt.Errorf("connection %d: %w", len(conns), err)
			}
			conns = append(conns, c)
		}
		return exchange(ctx, conns[from:], docs)
	}
	ask := func() (report.Memory, error) { return memquery.Ask(ctx, p.Addr, opts.TLSConfig, true) }
	if err := open(1); err != nil { // what the server takes once is not the connections'
		return held, err
	}
	base, err := ask()
	if err != nil {
		return held, err
	}
	if err := open(n); err != nil {
		return held, err
	}
	all, err := ask()
	return all.PerConn(base, n), err
}

// exchange has each connection echo all docs, some connections at a time.
func exchange(ctx context.Context, conns []*conn.Conn, docs [][]byte) error {
	const atOnce = 16
	var wg sync.WaitGroup
	errs := make([]error, atOnce)
	for i := range atOnce {
		wg.Go(func() {
			for at := i; at < len(conns) && errs[i] == nil; at += atOnce {
				for _, doc := range docs {
					if errs[i] = echo(ctx, conns[at], doc); errs[i] != nil {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func echo(ctx context.Context, c *conn.Conn, doc []byte) error {
	if err := c.Write(ctx, frame.Text, doc); err != nil {
		return err
	}
	m, err := c.Read(ctx)
	if err == nil && string(m.Data) != string(doc) {
		err = errors.New("memory: an echo is not what was sent")
	}
	return err
}

// Command echo serves a page and, on any path, a WebSocket that sends every message back as it came.
//
//	go run ./examples/echo -addr localhost:8080
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/server"
)

//go:embed page.html
var page []byte

func main() {
	var s settings
	flag.StringVar(&s.addr, "addr", "localhost:8080", "listen on `host:port`; port 0 chooses one")
	flag.StringVar(&s.mode, "mode", "events", "how connections are served: read, events, loop")
	flag.StringVar(&s.compression, "compression", "off", "permessage-deflate: off, message (without context takeover), takeover; every message is compressed")
	flag.Int64Var(&s.maxMessage, "max-message", conn.DefaultMaxMessage, "longest message in `bytes`; negative: no limit")
	flag.StringVar(&s.cert, "cert", "", "serve TLS with the certificate in this PEM `file`")
	flag.StringVar(&s.key, "key", "", "and its key in this PEM `file`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

type settings struct {
	addr, mode, compression string
	maxMessage              int64
	cert, key               string
}

// run serves until ctx ends, then shuts all connections down with code 1001.
func run(ctx context.Context, s settings) error {
	srv, err := newServer(s)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	scheme, serve := "http", srv.Serve
	if s.cert != "" || s.key != "" {
		scheme = "https"
		serve = func(l net.Listener) error { return srv.ServeTLS(l, s.cert, s.key) }
	}
	fmt.Printf("listening on %s://%s\n", scheme, l.Addr())
	served := make(chan error, 1)
	go func() { served <- serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(bounded); err != nil {
		return err
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func newServer(s settings) (*server.Server, error) {
	compression, err := deflateOptions(s.compression)
	if err != nil {
		return nil, err
	}
	if s.maxMessage == 0 {
		return nil, errors.New("-max-message must not be 0")
	}
	srv := &server.Server{
		Handler: http.HandlerFunc(servePage),
		Options: &server.Options{Compression: compression, Conn: conn.Options{MaxMessage: s.maxMessage}},
	}
	switch s.mode {
	case "read":
		srv.Handle = readEcho
	case "events":
		srv.Events = eventsEcho
	case "loop":
		srv.Events, srv.Loops = eventsEcho, -1
	default:
		return nil, fmt.Errorf("-mode %s: want read, events or loop", s.mode)
	}
	return srv, nil
}

// deflateOptions returns what -compression means.
func deflateOptions(name string) (*deflate.Options, error) {
	switch name {
	case "off":
		return nil, nil
	case "message", "takeover":
		return &deflate.Options{Threshold: 1, ContextTakeover: name == "takeover"}, nil
	}
	return nil, fmt.Errorf("-compression %s: want off, message or takeover", name)
}

func servePage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}

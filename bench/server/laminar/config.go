package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/server"
)

// config is the command line, as far as it says how to serve.
type config struct {
	mode           string
	loops, workers int // of mode loop
	sleepy         bool
	compression    string
	bits           int // of the compression's windows; 0: 15
}

// service is what an http.Server and a server.Server have in common.
type service interface {
	Serve(net.Listener) error
	ServeTLS(l net.Listener, certFile, keyFile string) error
	Close() error
}

// service returns the server of the mode.
func (c config) service() (service, error) {
	opts, err := c.options()
	if err != nil {
		return nil, err
	}
	plain := http.NewServeMux()
	plain.HandleFunc("/memory", tellMemory)
	onMessage := echo
	if c.sleepy {
		onMessage = sleepyEcho
	}
	events := &conn.Events{OnMessage: onMessage}
	switch c.mode {
	case "read":
		if c.sleepy {
			return nil, errors.New("-sleepy in mode read; want one with handlers")
		}
		plain.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { read(w, r, opts) })
		return &http.Server{Handler: plain}, nil
	case "nethttp":
		plain.Handle("/", server.Handler(events, opts))
		return &http.Server{Handler: plain}, nil
	case "events":
		return &server.Server{Events: events, Handler: plain, Options: opts}, nil
	case "loop":
		if c.loops == 0 {
			return nil, errors.New("-loops 0 in mode loop; want 1 or more, or -1")
		}
		return &server.Server{Loops: c.loops, Workers: c.workers, Events: events, Handler: plain, Options: opts}, nil
	}
	return nil, fmt.Errorf("-mode %q; want read, nethttp, events or loop", c.mode)
}

// options returns those of the compression.
func (c config) options() (*server.Options, error) {
	opts := new(server.Options)
	switch c.compression {
	case "off":
		return opts, nil
	case "message":
		opts.Compression = &deflate.Options{Threshold: 1}
	case "takeover":
		opts.Compression = &deflate.Options{Threshold: 1, ContextTakeover: true}
	case "dedicated":
		opts.Compression = &deflate.Options{Threshold: 1, ContextTakeover: true, Dedicated: true}
	default:
		return nil, fmt.Errorf("-compression %q; want off, message, takeover or dedicated", c.compression)
	}
	opts.Compression.SendWindowBits, opts.Compression.ReceiveWindowBits = c.bits, c.bits
	return opts, nil
}

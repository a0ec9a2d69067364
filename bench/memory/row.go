//go:build linux

package main

import (
	"strconv"

	"github.com/laminar-ws/laminar/deflate"
)

// row is one way to serve and to compress, and a line of the table.
type row struct {
	name        string
	mode        string // of the server, as its flag has it
	tls         bool
	compression string // likewise
	bits        int    // of the windows; 0: 15
	client      *deflate.Options
}

var (
	message  = &deflate.Options{Threshold: 1}
	takeover = &deflate.Options{Threshold: 1, ContextTakeover: true}
)

var rows = []row{
	{name: "events", mode: "events", compression: "off"},
	{name: "loop", mode: "loop", compression: "off"},
	{name: "events-tls", mode: "events", tls: true, compression: "off"},
	{name: "loop-tls", mode: "loop", tls: true, compression: "off"},
	{name: "message", mode: "events", compression: "message", client: message},
	{name: "takeover-8", mode: "events", compression: "takeover", bits: 8, client: takeover},
	{name: "takeover-10", mode: "events", compression: "takeover", bits: 10, client: takeover},
	{name: "takeover-12", mode: "events", compression: "takeover", bits: 12, client: takeover},
	{name: "takeover-15", mode: "events", compression: "takeover", bits: 15, client: takeover},
	{name: "dedicated", mode: "events", compression: "dedicated", bits: 15, client: takeover},
}

// conns returns how many of the connections asked for are opened.
func (r row) conns(asked int) int {
	if r.compression == "dedicated" {
		return (asked + 9) / 10 // the machine's memory else
	}
	return asked
}

// messages returns how many each connection echoes, where asked says, and by default one, or what fills windows of 15 bits in
// both directions where there are any.
func (r row) messages(asked int) int {
	const fill = 40
	switch {
	case asked > 0:
		return asked
	case r.client != nil:
		return fill
	}
	return 1
}

// args returns those of the server, but for the certificate.
func (r row) args() []string {
	return []string{"-mode", r.mode, "-compression", r.compression, "-window-bits", strconv.Itoa(r.bits)}
}

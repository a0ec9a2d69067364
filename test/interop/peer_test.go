package interop

import (
	"encoding/json"
	"net/url"
	"slices"
	"testing"
)

// A peer is a program as the package documentation describes.
type peer struct {
	name    string
	command []string
	noCode  bool   // its library cannot send a Close frame without a code
	pmd     string // options with which its library compresses every message
	options []option
}

var peers = []peer{
	{name: "ws", command: []string{"node", "peers/ws/peer.mjs"}, pmd: `{"threshold": 0}`, options: wsOptions()},
	{name: "websockets", command: []string{"/usr/bin/python3", "peers/websockets/peer.py"}, noCode: true, options: websocketsOptions()},
}

// A plan tells a peer what to do on one connection.
type plan struct {
	URL    string `json:"url"`
	File   string `json:"file"`
	Mix    string `json:"mix"`
	Series bool   `json:"series"`
	Type   string `json:"type"`
	shape
	Code   int    `json:"code"`
	Reason string `json:"reason"`
}

// An event is what a peer reports.
type event struct {
	Event      string
	URL        string
	Code       int
	Reason     string
	Offered    string
	Extensions string
	Received   int64
	Protocol   string
	Header     string
	Error      string
}

// event returns the peer's next event.
func (p *process) event(t *testing.T) event {
	t.Helper()
	line, ok := p.next(t, p.out)
	if !ok {
		t.Fatalf("%s ended", p.name)
	}
	var e event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatalf("%s wrote %q: %v", p.name, line, err)
	}
	return e
}

// start starts p in a role, with its library's options of permessage-deflate, "" for the defaults.
func (p peer) start(t *testing.T, role, pmd string) *process {
	t.Helper()
	args := append(slices.Clone(p.command[1:]), role)
	if pmd != "" {
		args = append(args, pmd)
	}
	return start(t, p.command[0], args...)
}

// startClient starts p in the client's role.
func (p peer) startClient(t *testing.T, pmd string) *process {
	t.Helper()
	return p.start(t, "client", pmd)
}

// startServer starts p in the server's role and returns a function that makes URLs of plans, too.
func (p peer) startServer(t *testing.T, pmd string) (*process, func(plan) string) {
	t.Helper()
	server := p.start(t, "server", pmd)
	listening := server.event(t)
	if listening.Event != "listening" {
		t.Fatalf("got %+v; want listening", listening)
	}
	return server, func(pl plan) string {
		b, err := json.Marshal(pl)
		if err != nil {
			t.Fatal(err)
		}
		return listening.URL + "/?plan=" + url.QueryEscape(string(b))
	}
}

// begin gives a client peer its next plan.
func (p *process) begin(t *testing.T, pl plan) {
	t.Helper()
	b, err := json.Marshal(pl)
	if err != nil {
		t.Fatal(err)
	}
	p.write(t, append(b, '\n'))
}

// closed returns the event that ends a connection, and whether the messages were echoed before it.
func (p *process) closed(t *testing.T) (e event, echoed bool) {
	t.Helper()
	for {
		switch e = p.event(t); e.Event {
		case "echoed":
			echoed = true
		case "closed":
			return e, echoed
		default:
			t.Fatalf("got %+v; want echoed or closed", e)
		}
	}
}

package interop

import (
	"encoding/json"
	"net/url"
	"testing"
)

// A peer is a program as the package documentation describes.
type peer struct {
	name    string
	command []string
	noCode  bool // its library cannot send a Close frame without a code
}

var peers = []peer{
	{name: "ws", command: []string{"node", "peers/ws/peer.mjs"}},
	{name: "websockets", command: []string{"/usr/bin/python3", "peers/websockets/peer.py"}, noCode: true},
}

// A plan tells a peer what to do on one connection.
type plan struct {
	URL    string `json:"url"`
	File   string `json:"file"`
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
	Extensions string
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

// startClient starts p in the client's role.
func (p peer) startClient(t *testing.T) *process {
	t.Helper()
	return start(t, p.command[0], append(p.command[1:len(p.command):len(p.command)], "client")...)
}

// startServer starts p in the server's role and returns a function that makes URLs of plans, too.
func (p peer) startServer(t *testing.T) (*process, func(plan) string) {
	t.Helper()
	server := start(t, p.command[0], append(p.command[1:len(p.command):len(p.command)], "server")...)
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

package hostile_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/handshake"
	"github.com/laminar-ws/laminar/server"
)

// mode is a way of an application to read. Both ends have the same, but for event loops, which only a server has.
type mode struct {
	name    string
	serve   func(a *app, c *conn.Conn) // on a goroutine; nil: on event loops
	workers int                        // of event loops
}

var modes = []mode{
	{name: "read", serve: (*app).read},
	{name: "events", serve: func(a *app, c *conn.Conn) { c.Serve(context.Background(), a.events()) }},
	{name: "loop"},
	{name: "loop and workers", workers: 4},
}

// outcome is what the application saw of a connection.
type outcome struct {
	messages int
	first    []string // the first few messages, cut short
	err      error    // that ended it
	again    error    // what a second read says
}

func (o *outcome) add(m conn.Message) {
	o.messages++
	if len(o.first) < 8 {
		o.first = append(o.first, string(m.Data[:min(len(m.Data), 64)]))
	}
}

// app is an application that echoes and remembers.
type app struct {
	outcomes sync.Map // of chan outcome, by the connection's two addresses
}

func (a *app) outcome(nc net.Conn) chan outcome {
	local, remote := nc.LocalAddr().String(), nc.RemoteAddr().String()
	ch, _ := a.outcomes.LoadOrStore(min(local, remote)+" "+max(local, remote), make(chan outcome, 1))
	return ch.(chan outcome)
}

func ended(c *conn.Conn, o outcome, to chan outcome) {
	_, o.again = c.Read(context.Background())
	to <- o
}

func (a *app) read(c *conn.Conn) {
	var o outcome
	for {
		m, err := c.Read(context.Background())
		if err != nil {
			o.err = err
			ended(c, o, a.outcome(c.NetConn()))
			return
		}
		o.add(m)
		c.Write(context.Background(), m.Op, m.Data)
	}
}

func (a *app) stream(c *conn.Conn) {
	var o outcome
	for {
		op, r, err := c.NextReader(context.Background())
		var data []byte
		if err == nil {
			data, err = io.ReadAll(r)
		}
		if err != nil {
			o.err = err
			ended(c, o, a.outcome(c.NetConn()))
			return
		}
		o.add(conn.Message{Op: op, Data: data})
		c.Write(context.Background(), op, data)
	}
}

func (a *app) events() *conn.Events {
	var o outcome
	var to chan outcome
	return &conn.Events{
		OnOpen: func(c *conn.Conn) { to = a.outcome(c.NetConn()) },
		OnMessage: func(c *conn.Conn, m conn.Message) {
			o.add(m)
			c.Write(context.Background(), m.Op, m.Data)
		},
		OnClose: func(c *conn.Conn, err error) {
			o.err = err
			go ended(c, o, to) // ends at once: it reads from an ended connection, which OnClose must not do itself
		},
	}
}

// shared returns the Events for all connections of a server with event loops.
func (a *app) shared() *conn.Events {
	var all sync.Map // of *conn.Events, by the *conn.Conn
	find := func(c *conn.Conn) *conn.Events {
		ev, _ := all.LoadOrStore(c, a.events())
		return ev.(*conn.Events)
	}
	return &conn.Events{
		OnOpen:    func(c *conn.Conn) { find(c).OnOpen(c) },
		OnMessage: func(c *conn.Conn, m conn.Message) { find(c).OnMessage(c, m) },
		OnClose: func(c *conn.Conn, err error) {
			find(c).OnClose(c, err)
			all.Delete(c)
		},
	}
}

// victim is an end that is attacked, in one of its modes. start lets it run and returns what opens a connection to it.
type victim struct {
	name  string
	wire  wire // how its peer has to send
	start func(t testing.TB, o conn.Options) func(t testing.TB) *attacker
}

// victims returns both ends in the given modes, which agree with their peers on z.
func victims(modes []mode, z agreement) (all []victim) {
	for _, m := range modes {
		all = append(all, victim{"server/" + m.name, wire{masked: true}, func(t testing.TB, o conn.Options) func(testing.TB) *attacker {
			return startServer(t, m, &app{}, o, z)
		}})
		if m.serve != nil {
			all = append(all, victim{"client/" + m.name, wire{}, func(t testing.TB, o conn.Options) func(testing.TB) *attacker {
				return startClient(t, m, &app{}, o, z)
			}})
		}
	}
	return all
}

// forVictims runs test for both ends and all modes.
func forVictims(t *testing.T, o conn.Options, test func(t *testing.T, v victim, open func(testing.TB) *attacker)) {
	for _, v := range victims(modes, agreement{}) {
		t.Run(v.name, func(t *testing.T) { test(t, v, v.start(t, o)) })
	}
}

const upgrade = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

// serve runs s on a loopback port until the test ends.
func serve(t testing.TB, s *server.Server) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

// server returns a server that runs a in mode m.
func (m mode) server(a *app, o *server.Options) *server.Server {
	if m.serve == nil {
		return &server.Server{Events: a.shared(), Loops: 1, Workers: m.workers, Options: o}
	}
	return &server.Server{Handle: func(c *conn.Conn) { m.serve(a, c) }, Options: o}
}

func startServer(t testing.TB, m mode, a *app, o conn.Options, z agreement) func(testing.TB) *attacker {
	addr := serve(t, m.server(a, &server.Options{Conn: o, Compression: z.options}))
	return func(t testing.TB) *attacker {
		t.Helper()
		p := dial(t, addr)
		p.wire = wire{masked: true}
		p.seen = a.outcome(p)
		p.send(upgrade + z.offer.field() + "\r\n")
		if r := p.response(t); r.StatusCode != http.StatusSwitchingProtocols || r.Header.Get("Sec-Websocket-Extensions") != string(z.answer) {
			t.Fatalf("got %s with %q; want a 101 with %q", r.Status, r.Header.Get("Sec-Websocket-Extensions"), z.answer)
		}
		return p
	}
}

func startClient(t testing.TB, m mode, a *app, o conn.Options, z agreement) func(testing.TB) *attacker {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		clients.Wait()
	})
	return func(t testing.TB) *attacker {
		t.Helper()
		clients.Go(func() {
			c, err := client.Dial(context.Background(), "ws://"+l.Addr().String()+"/", &client.Options{Conn: o, Compression: z.options})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			m.serve(a, c)
		})
		nc, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		p := attach(t, nc)
		p.seen = a.outcome(p)
		r, err := http.ReadRequest(p.r)
		if err != nil {
			t.Fatal(err)
		}
		p.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
			handshake.AcceptKey(r.Header.Get("Sec-Websocket-Key")) + "\r\n" + z.answer.field() + "\r\n")
		return p
	}
}

// attacker is the other end, by hand.
type attacker struct {
	*net.TCPConn
	r    *bufio.Reader
	wire wire
	seen <-chan outcome // what the victim's application saw
}

// attach makes nc an attacker that is closed when the test ends and fails when it hangs.
func attach(t testing.TB, nc net.Conn) *attacker {
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	return &attacker{TCPConn: nc.(*net.TCPConn), r: bufio.NewReader(nc)}
}

func dial(t testing.TB, addr string) *attacker {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return attach(t, nc)
}

// send writes s to a victim that may have gone.
func (p *attacker) send(s string) { io.WriteString(p.TCPConn, s) }

func (p *attacker) sendBytes(s string) {
	for i := range len(s) {
		p.send(s[i : i+1])
	}
}

func (p *attacker) response(t testing.TB) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(p.r, nil)
	if err != nil {
		t.Fatalf("reading the response: %v", err)
	}
	return r
}

// next reads the victim's next frame.
func (p *attacker) next() (h frame.Header, payload string, err error) {
	head, err := p.r.Peek(2)
	if err != nil {
		return h, "", err
	}
	size := 2
	switch head[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if head[1]&0x80 != 0 {
		size += 4
	}
	if head, err = p.r.Peek(size); err != nil {
		return h, "", err
	}
	if h, _, err = frame.ParseHeader(head); err != nil {
		return h, "", err
	}
	p.r.Discard(size)
	b := make([]byte, h.Length)
	_, err = io.ReadFull(p.r, b)
	if h.Masked {
		frame.Mask(b, h.Key, 0)
	}
	return h, string(b), err
}

// wants reads a frame that must have this opcode and payload.
func (p *attacker) wants(t testing.TB, op frame.Opcode, payload string) {
	t.Helper()
	h, got, err := p.next()
	if err != nil || h.Opcode != op || got != payload || !h.Fin || h.Masked == p.wire.masked {
		t.Fatalf("got %v frame %.100q, %v; want %v %.100q", h.Opcode, got, err, op, payload)
	}
}

// wantsClose reads a Close frame with the given code, before which a pong may come, and then the end of the stream.
func (p *attacker) wantsClose(t testing.TB, code uint16) {
	t.Helper()
	h, got, err := p.next()
	if err == nil && h.Opcode == frame.Pong {
		h, got, err = p.next()
	}
	if err != nil || h.Opcode != frame.Close || len(got) < 2 || uint16(got[0])<<8|uint16(got[1]) != code {
		t.Fatalf("got %v frame %.100q, %v; want a Close frame with %d", h.Opcode, got, err, code)
	}
	p.wantsEnd(t)
}

func (p *attacker) wantsEnd(t testing.TB) {
	t.Helper()
	if rest, err := io.ReadAll(p.r); err != nil || len(rest) > 0 {
		t.Fatalf("got %.100q, %v; want the end of the stream", rest, err)
	}
}

// writesOn writes 100 KiB more after the end of the stream was read: the victim takes and drops them, where a reset would be an error.
func (p *attacker) writesOn(t testing.TB) {
	t.Helper()
	for range 100 {
		if _, err := p.Write(make([]byte, 1<<10)); err != nil {
			t.Fatalf("the connection was reset: %v", err)
		}
	}
}

// alive checks that the victim serves a new peer.
func alive(t *testing.T, open func(testing.TB) *attacker) {
	t.Helper()
	p := open(t)
	p.send(p.wire.frame(0x81, "alive?"))
	p.wants(t, frame.Text, "alive?")
	p.Close()
	<-p.seen
}

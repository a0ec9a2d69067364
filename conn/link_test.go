package conn_test

import (
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// link makes two connected ends of a byte stream.
type link struct {
	name string
	ends func(t testing.TB) (a, b io.ReadWriteCloser)
}

// links are the kinds of transport that a Conn treats each in its own way.
var links = []link{pipeLink, tcpLink, unixLink, netPipeLink, bareLink}

var (
	// pipeLink has deadlines and CloseWrite, and is no socket.
	pipeLink = link{"pipe", func(t testing.TB) (a, b io.ReadWriteCloser) { return memory.Pipe() }}

	// tcpLink and unixLink are sockets, which are read and written below net.Conn.
	tcpLink  = link{"tcp", func(t testing.TB) (a, b io.ReadWriteCloser) { return dial(t, "tcp", "127.0.0.1:0") }}
	unixLink = link{"unix", func(t testing.TB) (a, b io.ReadWriteCloser) {
		return dial(t, "unix", filepath.Join(t.TempDir(), "s"))
	}}

	// netPipeLink holds no byte: a write waits for its reader. It has deadlines and no CloseWrite.
	netPipeLink = link{"net.Pipe", func(t testing.TB) (a, b io.ReadWriteCloser) { return net.Pipe() }}

	// bareLink can read, write and close, and nothing else.
	bareLink = link{"bare", func(t testing.TB) (a, b io.ReadWriteCloser) {
		x, y := memory.Pipe()
		return bare{x}, bare{y}
	}}
)

// bare hides what more its stream can do.
type bare struct{ io.ReadWriteCloser }

// dial returns both ends of a new connection over a socket of this machine.
func dial(t testing.TB, network, addr string) (a, b net.Conn) {
	t.Helper()
	ln, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if a, err = net.Dial(network, ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// pair returns the two ends of a connection over the link, which are closed at the end of the test.
func (l link) pair(t testing.TB, opts *conn.Options) (client, server *conn.Conn) {
	t.Helper()
	a, b := l.ends(t)
	client, server = conn.New(a, frame.Client, opts), conn.New(b, frame.Server, opts)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client, server
}

// peered returns one end of a connection and a hand-made peer at the other, both closed at the end of the test.
func (l link) peered(t testing.TB, role frame.Role, opts *conn.Options) (*conn.Conn, *peer) {
	t.Helper()
	a, b := l.ends(t)
	c := conn.New(a, role, opts)
	p := newPeer(t, b, role.Peer())
	t.Cleanup(func() {
		c.Close()
		p.rw.Close()
	})
	return c, p
}

var roles = []frame.Role{frame.Server, frame.Client}

// each runs the test over all links, in both roles.
func each(t *testing.T, f func(t *testing.T, l link, role frame.Role)) {
	for _, l := range links {
		for _, role := range roles {
			t.Run(l.name+"/"+role.String(), func(t *testing.T) { f(t, l, role) })
		}
	}
}

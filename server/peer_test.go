package server_test

import (
	"net"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server"
)

// TestLoops_remoteAddr: a function of Events finds the client's address also when the client has broken the connection, of which the kernel knows no peer any more.
func TestLoops_remoteAddr(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("%s: %v", address, err) // a machine need not have IPv6
			continue
		}
		opened, closed := make(chan string, 1), make(chan string, 1)
		s := &server.Server{Loops: 1, Events: &conn.Events{
			OnOpen:  func(c *conn.Conn) { opened <- c.NetConn().RemoteAddr().String() },
			OnClose: func(c *conn.Conn, err error) { closed <- c.NetConn().RemoteAddr().String() },
		}}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		host, _, _ := net.SplitHostPort(address)
		if host == "" {
			host = "127.0.0.1" // by a listener for both
		}
		p := connect(t, net.JoinHostPort(host, port))
		p.send(request(""))
		p.upgraded(t)
		p.Conn.(*net.TCPConn).SetLinger(0)
		p.Close()
		want := p.LocalAddr().String()
		if got := <-opened; got != want {
			t.Errorf("%s: in OnOpen the client is %s; want %s", address, got, want)
		}
		if got := <-closed; got != want {
			t.Errorf("%s: in OnClose the client is %s; want %s", address, got, want)
		}
		s.Close()
		<-served
	}
}

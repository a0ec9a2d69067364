package server_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/server"
)

// Slow and silent clients are ended by the timeout, and not before it; others are served meanwhile.
func TestLoops_handshakeTimeout(t *testing.T) {
	const timeout = 150 * time.Millisecond
	forSecureLoops(t, func(t *testing.T, m mode, serve func(*server.Server) (addr string)) {
		addr := serve(m.echo(&server.Server{Options: &server.Options{HandshakeTimeout: timeout}}))
		begin := time.Now()
		silent, half, slow := connect(t, addr), connect(t, addr), connect(t, addr)
		half.send(request("")[:40])
		go func() {
			slow.send("GET / HTTP/1.1\r\n")
			for range 200 {
				if _, err := io.WriteString(slow, "X: y\r\n"); err != nil {
					return
				}
				time.Sleep(timeout / 20)
			}
		}()
		p := open(t, addr)
		for name, p := range map[string]*peer{"silent": silent, "half": half, "slow": slow} {
			_, err := p.r.ReadByte()
			if strings.HasPrefix(addr, overTLS) && name == "silent" {
				err = second(p.NetConn().Read(make([]byte, 1))) // there was no handshake
			}
			if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: got %v; want an end", name, err)
			}
			if took := time.Since(begin); took < timeout {
				t.Errorf("%s: ended after %v; want %v", name, took, timeout)
			}
		}
		p.send(masked(0x81, "hi"))
		p.wants(t, "\x81\x02hi")
	})
}

// NetConn is what is below TLS.
func (p *peer) NetConn() net.Conn {
	if s, ok := p.Conn.(interface{ NetConn() net.Conn }); ok {
		return s.NetConn()
	}
	return p.Conn
}

// A negative timeout is none.
func TestLoops_noHandshakeTimeout(t *testing.T) {
	_, addr := start(t, &server.Server{Events: echoEvents, Loops: 1, Options: &server.Options{HandshakeTimeout: -1}})
	p := connect(t, addr)
	time.Sleep(50 * time.Millisecond)
	p.send(request("") + masked(0x81, "hi"))
	p.upgraded(t)
	p.wants(t, "\x81\x02hi")
}

// The client that was refused and goes on sending, or does not close, is ended: after so many bytes, or so much time.
func TestLoops_refusedGoesOn(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{}))
		p := connect(t, addr)
		p.send(request("Origin: http://evil.example\r\n"))
		if r := p.response(t); r.StatusCode != 403 {
			t.Errorf("got %s", r.Status)
		}
		io.Copy(io.Discard, p.r)
		var sent int
		for {
			n, err := p.Write(make([]byte, 64<<10))
			if sent += n; err != nil {
				break
			}
		}
		if sent < 256<<10 {
			t.Errorf("ended after %d bytes", sent)
		}

		p = connect(t, addr)
		p.send(request("Origin: http://evil.example\r\n"))
		p.response(t)
		begin := time.Now()
		for {
			time.Sleep(20 * time.Millisecond)
			if _, err := p.Write([]byte("x")); err != nil {
				break
			}
		}
		if took := time.Since(begin); took < 300*time.Millisecond || took > 5*time.Second {
			t.Errorf("ended after %v", took)
		}
	})
}

// A client that goes away in its handshake, at any point of it, leaves the server as it was.
func TestLoops_handshakeCutShort(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		s, addr := start(t, m.echo(&server.Server{}))
		whole := request("") + masked(0x81, "hi")
		for n := range len(whole) {
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(nc, whole[:n])
			nc.Close()
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A client that half-closes behind its first message is answered.
func TestLoops_halfClosedEarly(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		_, addr := start(t, m.echo(&server.Server{}))
		for range 20 {
			p := connect(t, addr)
			p.send(request("") + masked(0x81, "hi"))
			p.Conn.(*net.TCPConn).CloseWrite()
			p.upgraded(t)
			p.wants(t, "\x81\x02hi")
			p.wantsEnd(t)
		}
	})
}

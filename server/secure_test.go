package server_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// held is a transport whose writes can be held back, so that a test decides how ciphertext arrives.
type held struct {
	net.Conn
	read []byte // all that was

	mu   sync.Mutex
	hold bool
	b    []byte
}

func (h *held) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hold {
		h.b = append(h.b, p...)
		return len(p), nil
	}
	return h.Conn.Write(p)
}

func (h *held) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.read = append(h.read, p[:n]...)
	return n, err
}

// lastRecord returns the type of the last record that was read.
func (h *held) lastRecord() (kind byte) {
	for b := h.read; len(b) > 5; b = b[min(len(b), 5+int(b[3])<<8+int(b[4])):] {
		kind = b[0]
	}
	return kind
}

// record returns the ciphertext that write makes.
func (h *held) record(write func()) []byte {
	h.mu.Lock()
	h.hold, h.b = true, nil
	h.mu.Unlock()
	write()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hold = false
	return h.b
}

// connectHeld is connect over TLS of the given version, on a transport of the test's.
func connectHeld(t *testing.T, addr string, version uint16) (*peer, *held) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	h := &held{Conn: nc}
	tc := tls.Client(h, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	return newPeer(tc), h
}

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

// crypto/tls resumes after a read that found only a part of a record, wherever it was cut.
func TestSecure_cutRecords(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		addr := startTLS(t, m.echo(&server.Server{TLSConfig: tlsConfig(t)}))
		for name, version := range versions {
			t.Run(name, func(t *testing.T) {
				p, h := connectHeld(t, addr, version)
				p.send(request(""))
				p.upgraded(t)
				two := func(i int) func() {
					return func() {
						p.send(masked(0x81, fmt.Sprintf("a%03d", i)))
						p.send(masked(0x81, fmt.Sprintf("b%03d", i)))
					}
				}
				size := len(h.record(two(0)))
				h.Conn.Write(h.b)
				p.wants(t, "\x81\x04a000\x81\x04b000")
				for cut := 1; cut < size; cut++ {
					b := h.record(two(cut))
					h.Conn.Write(b[:cut])
					time.Sleep(time.Millisecond) // for the server to find that
					h.Conn.Write(b[cut:])
					p.wants(t, fmt.Sprintf("\x81\x04a%03d\x81\x04b%03d", cut, cut))
				}
				for _, c := range h.record(two(999)) {
					h.Conn.Write([]byte{c})
				}
				p.wants(t, "\x81\x04a999\x81\x04b999")
			})
		}
	})
}

// Frames whose ciphertext came together with the request's are found without another event.
func TestSecure_earlyRecords(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		addr := startTLS(t, m.echo(&server.Server{TLSConfig: tlsConfig(t)}))
		for name, version := range versions {
			t.Run(name, func(t *testing.T) {
				for range 20 {
					p, h := connectHeld(t, addr, version)
					b := h.record(func() {
						p.send(request(""))
						p.send(masked(0x81, "one"))
						p.send(masked(0x01, "t"))
						p.send(masked(0x80, "wo"))
					})
					h.Conn.Write(b)
					p.upgraded(t)
					p.wants(t, "\x81\x03one\x81\x03two")
					p.Close()
				}
			})
		}
	})
}

// A connection over TLS at rest holds no goroutine.
func TestSecure_idle(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		addr := overTLS + startTLS(t, m.echo(&server.Server{TLSConfig: tlsConfig(t)}))
		use := func(p *peer) {
			p.send(request("") + masked(0x81, "hi"))
			p.upgraded(t)
			p.wants(t, "\x81\x02hi")
		}
		use(connect(t, addr))
		time.Sleep(20 * time.Millisecond) // for what has to end
		before := runtime.NumGoroutine()
		for range 30 {
			use(connect(t, addr))
		}
		eventually(t, func() bool { return runtime.NumGoroutine() <= before })
	})
}

// The state of TLS is there for who asks.
func TestSecure_connectionState(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		states := make(chan tls.ConnectionState, 1)
		addr := startTLS(t, m.serve(&server.Server{TLSConfig: tlsConfig(t), Events: &conn.Events{OnOpen: func(c *conn.Conn) {
			states <- c.NetConn().(interface{ ConnectionState() tls.ConnectionState }).ConnectionState()
		}}}))
		p := connectTLS(t, addr)
		p.send(request(""))
		p.upgraded(t)
		if state := <-states; !state.HandshakeComplete || state.NegotiatedProtocol != "http/1.1" {
			t.Errorf("got %+v", state)
		}
	})
}

// The end of a stream is said in TLS as well: the client can tell it from one that was cut.
func TestSecure_goodbye(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		addr := startTLS(t, m.echo(&server.Server{TLSConfig: tlsConfig(t)}))
		for name, last := range map[string]string{
			"closing handshake": masked(0x88, "\x03\xe8"),
			"failed":            "\x81\x02hi",
		} {
			p, h := connectHeld(t, addr, tls.VersionTLS12) // where an alert has a type of its own
			p.send(request("") + last)
			p.upgraded(t)
			if h, _ := p.frame(t); h.Opcode != frame.Close {
				t.Errorf("%s: got %v; want a Close frame", name, h.Opcode)
			}
			p.wantsEnd(t)
			if kind := h.lastRecord(); kind != 21 {
				t.Errorf("%s: the last record is of type %d; want an alert, 21", name, kind)
			}
			p.Close()
		}
	})
}

// Bytes that are no TLS end the connection, wherever they come.
func TestSecure_garbage(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		closed := make(chan error, 1)
		addr := startTLS(t, m.serve(&server.Server{TLSConfig: tlsConfig(t), Events: &conn.Events{
			OnMessage: echoEvents.OnMessage,
			OnClose:   func(_ *conn.Conn, err error) { closed <- err },
		}}))
		p, h := connectHeld(t, addr, tls.VersionTLS13)
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
		h.Conn.Write(bytes.Repeat([]byte("no TLS at all"), 10))
		if err := <-closed; err == nil {
			t.Error("OnClose got no error")
		}
		io.Copy(io.Discard, h.Conn)
	})
}

// A client that says goodbye and reads on gets all that was sent to it, what the kernel has not taken yet, too. One that does not read is cut off.
func TestSecure_halfClosed(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		closed := make(chan error, 1)
		sent := make(chan int, 1)
		addr := startTLS(t, m.serve(&server.Server{TLSConfig: tlsConfig(t), Events: &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) {
				n := 0
				for ; server.Kept(c.NetConn()) == 0; n++ {
					if err := c.Write(t.Context(), frame.Binary, bytes.Repeat([]byte{byte(n)}, 10_000)); err != nil {
						t.Error(err)
					}
				}
				sent <- n
			},
			OnClose: func(_ *conn.Conn, err error) { closed <- err },
		}}))
		for _, reads := range []bool{true, false} {
			p := open(t, overTLS+addr)
			p.send(masked(0x81, "go"))
			n := <-sent
			p.Conn.(*tls.Conn).CloseWrite()
			if reads {
				time.Sleep(20 * time.Millisecond) // for the server to know that
				for i := range n {
					if _, b := p.frame(t); len(b) != 10_000 || b[0] != byte(i) {
						t.Fatalf("message %d has %d bytes", i, len(b))
					}
				}
				p.wantsEnd(t)
			}
			<-closed
			p.Close()
		}
	})
}

package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/handshake"
	"github.com/laminar-ws/laminar/server"
)

// Slow and silent clients are ended by the timeout or the context, whichever is first.
func TestUpgrade_bounded(t *testing.T) {
	clients := map[string]func(nc net.Conn){
		"silent": func(nc net.Conn) { io.Copy(io.Discard, nc) },
		"slowloris": func(nc net.Conn) {
			io.WriteString(nc, "GET / HTTP/1.1\r\n")
			for nap(nc, time.Second) {
				io.WriteString(nc, "X: y\r\n")
			}
		},
		"not reading the answer": func(nc net.Conn) {
			io.WriteString(nc, request(""))
			io.WriteString(nc, "and nobody reads this")
		},
	}
	for _, tt := range []struct {
		name    string
		timeout time.Duration
		cancel  time.Duration
		took    time.Duration
		err     error
	}{
		{"default", 0, time.Hour, server.DefaultHandshakeTimeout, context.DeadlineExceeded},
		{"option", 3 * time.Second, time.Hour, 3 * time.Second, context.DeadlineExceeded},
		{"context", 0, time.Second, time.Second, context.Canceled},
		{"no timeout", -1, time.Minute, time.Minute, context.Canceled},
	} {
		for name, client := range clients {
			for _, deaf := range []bool{false, true} {
				t.Run(tt.name+"/"+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						defer time.AfterFunc(tt.cancel, cancel).Stop()
						ours, theirs := net.Pipe()
						go func() {
							client(theirs)
							theirs.Close()
						}()
						var nc net.Conn = ours
						if deaf {
							nc = stubborn{ours}
						}
						start := time.Now()
						c, err := server.Upgrade(ctx, nc, &server.Options{HandshakeTimeout: tt.timeout})
						if c != nil || !errors.Is(err, tt.err) {
							t.Errorf("got %v; want one that is %v", err, tt.err)
						}
						if got := time.Since(start); got != tt.took {
							t.Errorf("after %v; want %v", got, tt.took)
						}
						if _, err := ours.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
							t.Errorf("a write returns %v: the connection was left open", err)
						}
					})
				})
			}
		}
	}
}

// nap waits until d has passed, and reports false if the server closed the connection meanwhile.
func nap(nc net.Conn, d time.Duration) bool {
	nc.SetReadDeadline(time.Now().Add(d))
	_, err := nc.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// stubborn is a connection without deadlines, as some tunnels are.
type stubborn struct{ net.Conn }

func (stubborn) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (stubborn) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (stubborn) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// On a connection that cannot be half-closed, too, the refusal arrives and is the error.
func TestUpgrade_refusedOnPipe(t *testing.T) {
	ours, theirs := net.Pipe()
	errs := make(chan error, 1)
	go func() {
		c, err := server.Upgrade(t.Context(), ours, nil)
		if c != nil {
			t.Error("got a connection")
		}
		errs <- err
	}()
	p := newPeer(theirs)
	defer p.Close()
	p.send(request("Origin: http://evil.example\r\n"))
	if r := p.response(t); r.StatusCode != 403 {
		t.Errorf("got %s; want 403", r.Status)
	}
	if refusal, ok := errors.AsType[*handshake.RejectError](<-errs); !ok || refusal.Status != 403 {
		t.Errorf("got %v", refusal)
	}
}

// A refusal is the error also where the client does not take it in time.
func TestUpgrade_refusedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go func() {
			io.WriteString(theirs, request("Origin: http://evil.example\r\n"))
			io.WriteString(theirs, "and nobody reads this")
			theirs.Close()
		}()
		start := time.Now()
		_, err := server.Upgrade(t.Context(), ours, nil)
		if _, ok := errors.AsType[*handshake.RejectError](err); !ok || time.Since(start) > server.DefaultHandshakeTimeout {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// A client that goes away is told apart from one that is refused.
func TestUpgrade_cutShort(t *testing.T) {
	whole := request("")
	for _, n := range []int{0, 1, 20, len(whole) - 1} {
		ours, theirs := net.Pipe()
		go func() {
			io.WriteString(theirs, whole[:n])
			theirs.Close()
		}()
		c, err := server.Upgrade(t.Context(), ours, nil)
		if c != nil || !errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "reading the request") {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
}

// The bounds of the handshake do not end the connection.
func TestUpgrade_connectionOutlivesBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			io.WriteString(theirs, request(""))
			theirs.Read(make([]byte, 1<<10))
			if nap(theirs, time.Hour) {
				io.WriteString(theirs, masked(0x81, "late"))
			}
			theirs.SetReadDeadline(time.Time{})
			io.Copy(io.Discard, theirs)
		}()
		c, err := server.Upgrade(ctx, ours, nil)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if m, err := c.Read(t.Context()); err != nil || string(m.Data) != "late" {
			t.Errorf("got %q, %v", m.Data, err)
		}
		c.Close()
	})
}

package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/client"
)

// silence reads and says nothing, until the client closes the connection.
func silence(nc net.Conn) { io.Copy(io.Discard, nc) }

// deafness does not even read.
func deafness(nc net.Conn) { io.WriteString(nc, "a client that writes does not read this") }

// nap waits until d has passed, and reports false if the client closed the connection meanwhile.
func nap(nc net.Conn, d time.Duration) bool {
	nc.SetReadDeadline(time.Now().Add(d))
	_, err := nc.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// stages are the points at which a server may fall silent. In each Dial waits for ever, but for its bound.
var stages = []struct {
	name, url string
	dial      func(context.Context, string, string) (net.Conn, error)
}{
	{"lookup and TCP", "ws://h/", func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Err: ctx.Err()}
	}},
	{"TLS, silent", "wss://h/", inMemory(silence)},
	{"TLS, half a record", "wss://h/", inMemory(func(nc net.Conn) {
		go io.WriteString(nc, "\x16\x03\x03\x01\x00\x02")
		silence(nc)
	})},
	{"TLS, not reading", "wss://h/", inMemory(deafness)},
	{"request, not reading", "ws://h/", inMemory(deafness)},
	{"answer, silent", "ws://h/", inMemory(silence)},
	{"answer, half", "ws://h/", inMemory(func(nc net.Conn) {
		readRequestHead(nc)
		io.WriteString(nc, "HTTP/1.1 101 Switching")
		silence(nc)
	})},
	{"answer, a byte a second", "ws://h/", inMemory(func(nc net.Conn) {
		readRequestHead(nc)
		io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nX: ")
		for nap(nc, time.Second) {
			io.WriteString(nc, "x")
		}
	})},
	{"informational, no end", "ws://h/", inMemory(func(nc net.Conn) {
		readRequestHead(nc)
		io.WriteString(nc, "HTTP/1.1 100 Continue\r\n\r\n")
		silence(nc)
	})},
}

// One timeout covers all stages, and the context ends each of them.
func TestDial_bounded(t *testing.T) {
	for _, bound := range []struct {
		name    string
		timeout time.Duration
		cancel  time.Duration // 0: never
		took    time.Duration
		err     error
	}{
		{"default", 0, 0, client.DefaultHandshakeTimeout, context.DeadlineExceeded},
		{"option", 3 * time.Second, 0, 3 * time.Second, context.DeadlineExceeded},
		{"cancelled", 0, time.Second, time.Second, context.Canceled},
		{"no timeout", -1, time.Minute, time.Minute, context.Canceled},
	} {
		for _, stage := range stages {
			t.Run(bound.name+"/"+stage.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					if bound.cancel > 0 {
						defer time.AfterFunc(bound.cancel, cancel).Stop()
					}
					start := time.Now()
					c, err := client.Dial(ctx, stage.url, &client.Options{NetDial: stage.dial, HandshakeTimeout: bound.timeout})
					if c != nil || !errors.Is(err, bound.err) {
						t.Errorf("got %v; want one that is %v", err, bound.err)
					}
					if got := time.Since(start); got != bound.took {
						t.Errorf("after %v; want %v", got, bound.took)
					}
				})
			})
		}
	}
}

// A context that has ended opens no connection.
func TestDial_endedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	url := listen(t, func(nc net.Conn, head string) { io.WriteString(nc, accepted(head, "")) })
	if c, err := client.Dial(ctx, url, nil); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want %v", err, context.Canceled)
	}
}

// A name server that does not answer is bounded by the same timeout.
func TestDial_boundedLookup(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Bool
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		asked.Store(true)
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	_, err := client.Dial(ctx, "ws://nobody.example/", &client.Options{NetDial: (&net.Dialer{Resolver: resolver}).DialContext})
	if err == nil || !asked.Load() {
		t.Errorf("got %v, the name server asked: %v", err, asked.Load())
	}
}

// A refusal whose body does not end is reported with what came in time, also when the bound ends meanwhile.
func TestDial_boundedRefusal(t *testing.T) {
	refuse := inMemory(func(nc net.Conn) {
		readRequestHead(nc)
		io.WriteString(nc, "HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\nwait")
		silence(nc)
	})
	for _, tt := range []struct{ timeout, took time.Duration }{
		{0, client.BodyTime},
		{client.BodyTime / 2, client.BodyTime / 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			err := dialFails(t, "ws://h/", &client.Options{NetDial: refuse, HandshakeTimeout: tt.timeout})
			refused, ok := errors.AsType[*client.RefusedError](err)
			if !ok || refused.Status != 503 || string(refused.Body) != "wait" {
				t.Errorf("got %v; want the refusal", err)
			}
			if got := time.Since(start); got != tt.took {
				t.Errorf("after %v; want %v", got, tt.took)
			}
		})
	}
}

// stubborn is a connection without deadlines, as some tunnels are.
type stubborn struct{ net.Conn }

func (stubborn) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (stubborn) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (stubborn) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

func TestDial_boundedWithoutDeadlines(t *testing.T) {
	for _, stage := range stages {
		t.Run(stage.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := dialFails(t, stage.url, &client.Options{NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
					nc, err := stage.dial(ctx, network, addr)
					if err != nil {
						return nil, err
					}
					return stubborn{nc}, nil
				}})
				if got := time.Since(start); got != client.DefaultHandshakeTimeout || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("after %v: %v", got, err)
				}
			})
		})
	}
}

// The bounds of Dial do not end the connection, nor does its context.
func TestDial_connectionOutlivesBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c, err := client.Dial(ctx, "ws://h/", &client.Options{NetDial: inMemory(func(nc net.Conn) {
			head, _ := readRequestHead(nc)
			io.WriteString(nc, accepted(head, ""))
			<-time.After(time.Hour)
			io.WriteString(nc, "\x81\x04late")
			silence(nc)
		})})
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

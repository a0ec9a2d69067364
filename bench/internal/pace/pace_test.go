//go:build linux

package pace

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// serve hands each connection to handle and returns the address.
func serve(t *testing.T, handle func(*websocket.Conn)) netip.AddrPort {
	t.Helper()
	var upgrader websocket.Upgrader
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		handle(c)
	}))
	t.Cleanup(srv.Close)
	return netip.MustParseAddrPort(srv.Listener.Addr().String())
}

// echoing serves what answer makes of message n of each connection; nil is none.
func echoing(t *testing.T, answer func(n int, p []byte) []byte) netip.AddrPort {
	t.Helper()
	return serve(t, func(c *websocket.Conn) {
		for n := 0; ; n++ {
			op, p, err := c.ReadMessage()
			if err != nil {
				return
			}
			if p = answer(n, p); p != nil && c.WriteMessage(op, p) != nil {
				return
			}
		}
	})
}

// run keeps the connections busy for a moment.
func run(t *testing.T, cfg Config, moment time.Duration) *Result {
	t.Helper()
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), moment)
	defer cancel()
	r, err := c.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func same(_ int, p []byte) []byte { return p }

func TestRun(t *testing.T) {
	r := run(t, Config{Addr: echoing(t, same), Conns: 7, Rate: 1000, Size: 300}, 300*time.Millisecond)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if r.Sent < 250 || r.Sent > 350 || r.Echoed != r.Sent || r.Latency.Count() != uint64(r.Sent) {
		t.Errorf("%d messages sent in 300 ms at 1,000 a second, %d echoed, %d timed; want about 300 of each", r.Sent, r.Echoed, r.Latency.Count())
	}
}

// A message leaves when it is due, though the one before it has no echo yet, and its time counts from there.
func TestRun_slowServer(t *testing.T) {
	const nap = 200 * time.Millisecond
	addr := echoing(t, func(n int, p []byte) []byte {
		if n == 5 {
			time.Sleep(nap)
		}
		return p
	})
	r := run(t, Config{Addr: addr, Conns: 1, Rate: 100, Size: 100}, 400*time.Millisecond)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if r.Latency.Max() < nap || r.Latency.Quantile(0.75) < nap/4 || r.Latency.Quantile(0.1) > nap/2 {
		t.Errorf("round trips of %v at most, %v in the upper quarter, %v in the lowest tenth; want some that waited %v, many that waited a part of it and some that did not",
			r.Latency.Max(), r.Latency.Quantile(0.75), r.Latency.Quantile(0.1), nap)
	}
}

func TestRun_wrong(t *testing.T) {
	var before []byte
	for name, tt := range map[string]struct {
		answer func(n int, p []byte) []byte
		check  func(r *Result) bool
		says   string
	}{
		"lost": {func(n int, p []byte) []byte {
			if n == 3 {
				return nil
			}
			return p
		}, func(r *Result) bool { return r.Lost == 1 && r.Echoed == r.Sent-1 }, "message 4 before the echo of message 3"},
		"the last lost": {func(n int, p []byte) []byte {
			if n >= 3 {
				return nil
			}
			return p
		}, func(r *Result) bool { return r.Lost == r.Sent-3 && r.Echoed == 3 }, "no echo of message 3"},
		"changed": {func(n int, p []byte) []byte {
			if n == 3 {
				p[len(p)-1]++
			}
			return p
		}, func(r *Result) bool { return r.Wrong == 1 && r.Echoed == r.Sent-1 && r.Lost == 0 }, "for the echo of message 3"},
		"another message": {func(n int, p []byte) []byte {
			if n == 3 {
				return appendMessage(nil, 0, 3, MinSize)
			}
			return p
		}, func(r *Result) bool { return r.Wrong == 1 && r.Echoed == r.Sent-1 }, "the echo of message 3 is another message"},
		"twice": {func(n int, p []byte) []byte {
			if n == 3 {
				return before
			}
			before = append([]byte(nil), p...)
			return p
		}, func(r *Result) bool { return r.Wrong == 1 && r.Lost == 1 }, "message 2 for the echo of message 3"},
		"crossed": {func(n int, p []byte) []byte {
			if n == 3 {
				return appendMessage(nil, 8, 3, 100)
			}
			return p
		}, func(r *Result) bool { return r.Crossed == 1 && r.Lost == 1 }, "message 3 of connection 8 for the echo of message 3"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, Config{Addr: echoing(t, tt.answer), Conns: 1, Rate: 200, Size: 100, Patience: 300 * time.Millisecond}, 100*time.Millisecond)
			if !tt.check(r) {
				t.Errorf("%+v", r.Err())
			}
			if err := r.Err(); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v; want one that says %q", err, tt.says)
			}
		})
	}
}

// Connections that end take their messages along; the others go on.
func TestRun_ended(t *testing.T) {
	for name, last := range map[string]func(c *websocket.Conn){
		"cut": func(c *websocket.Conn) {},
		"closed": func(c *websocket.Conn) {
			c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1001, ""))
		},
	} {
		t.Run(name, func(t *testing.T) {
			first := make(chan struct{}, 1)
			first <- struct{}{}
			addr := serve(t, func(c *websocket.Conn) {
				select {
				case <-first:
					c.ReadMessage()
					last(c)
				default:
					for {
						op, p, err := c.ReadMessage()
						if err != nil || c.WriteMessage(op, p) != nil {
							return
						}
					}
				}
			})
			r := run(t, Config{Addr: addr, Conns: 3, Rate: 300, Size: 100}, 200*time.Millisecond)
			if r.Ended != 1 || r.Lost < 1 || r.Echoed != r.Sent-r.Lost || r.Echoed < r.Lost {
				t.Errorf("%v; want one connection gone, and what was under way on it", r.Err())
			}
			if want := map[string]string{"cut": "closed the connection: unexpected EOF", "closed": "with code 1001"}[name]; !strings.Contains(r.Err().Error(), want) {
				t.Errorf("error %v; want one that says %q", r.Err(), want)
			}
		})
	}
}

func TestOpen_refused(t *testing.T) {
	addr := echoing(t, same)
	for _, cfg := range []Config{
		{Conns: 1, Rate: 1, Size: 100},
		{Addr: addr, Rate: 1, Size: 100},
		{Addr: addr, Conns: 1, Size: 100},
		{Addr: addr, Conns: 1, Rate: 1, Size: MinSize - 1},
		{Addr: netip.MustParseAddrPort("127.0.0.1:1"), Conns: 1, Rate: 1, Size: 100},
	} {
		if c, err := Open(t.Context(), cfg); err == nil {
			c.Close()
			t.Errorf("Open(%+v) succeeded", cfg)
		}
	}
}

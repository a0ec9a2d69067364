package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

const agent = "a name & more"

// fake plays the testsuite's fuzzing server with cases of its own.
type fake struct {
	url    string
	count  string // what /getCaseCount answers
	broken bool   // /updateReports loses the connection

	mu      sync.Mutex // guards the fields below while the server runs
	results [][]string // of each case, one per run
	reports int        // how often they were written
	cases   []testCase
}

// testCase is one case. run returns an error when the client behaved wrongly.
type testCase struct {
	name string
	run  func(ctx context.Context, c *conn.Conn) error
}

func newFake(t *testing.T, cases []testCase) *fake {
	f := &fake{count: strconv.Itoa(len(cases)), cases: cases, results: make([][]string, len(cases))}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url = "ws" + strings.TrimPrefix(s.URL, "http")
	return f
}

func (f *fake) settings(mode string) settings {
	return settings{url: f.url, agent: agent, mode: mode, compression: "off"}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.FormValue("case"))
	runs := r.URL.Path == "/runCase" && err == nil && i >= 1 && i <= len(f.cases)
	if r.URL.Path != "/getCaseCount" && (r.FormValue("agent") != agent || !runs && r.URL.Path != "/updateReports") {
		http.NotFound(w, r)
		return
	}
	c, err := server.Accept(w, r, &server.Options{
		Compression: &deflate.Options{Threshold: 1, ContextTakeover: true},
		Conn:        conn.Options{MaxMessage: maxMessage},
	})
	if err != nil {
		return
	}
	defer c.Close()
	ctx := context.Background()
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r.URL.Path {
	case "/getCaseCount":
		c.Write(ctx, frame.Text, []byte(f.count))
	case "/runCase":
		result := "ok"
		if err := f.cases[i-1].run(ctx, c); err != nil {
			result = err.Error()
		}
		f.results[i-1] = append(f.results[i-1], result)
		return
	case "/updateReports":
		if f.broken {
			return
		}
		f.reports++
	}
	c.Shutdown(ctx, closecode.NoStatusReceived, "")
}

// echoed sends all messages, without waiting for answers, and wants them back.
func echoed(op frame.Opcode, messages ...string) testCase {
	return testCase{fmt.Sprintf("%d messages of type %v", len(messages), op), func(ctx context.Context, c *conn.Conn) error {
		sent := make(chan error, 1)
		go func() { // ends with the writes, which fail when the connection ends
			var err error
			for _, m := range messages {
				if err == nil {
					err = c.Write(ctx, op, []byte(m))
				}
			}
			sent <- err
		}()
		for i, want := range messages {
			m, err := c.Read(ctx)
			if err != nil {
				return err
			}
			if m.Op != op || string(m.Data) != want {
				return fmt.Errorf("message %d: got %v of %d bytes; want %v of %d bytes", i, m.Op, len(m.Data), op, len(want))
			}
		}
		if err := <-sent; err != nil {
			return err
		}
		return c.Shutdown(ctx, closecode.NormalClosure, "")
	}}
}

// compressed sends a message of one byte, and wants it back as -compression promises.
func compressed(compression string) testCase {
	return testCase{"compression " + compression, func(ctx context.Context, c *conn.Conn) error {
		p, on := c.Compression()
		if on != (compression != "off") {
			return fmt.Errorf("compression is on: %v", on)
		}
		if on && p.ServerNoContextTakeover == (compression == "takeover") {
			return fmt.Errorf("agreed on %+v", p)
		}
		if err := c.Write(ctx, frame.Text, []byte("a")); err != nil {
			return err
		}
		var first [1]byte
		if _, err := io.ReadFull(c.NetConn(), first[:]); err != nil {
			return err
		}
		if rsv1 := first[0]&0x40 != 0; rsv1 != on {
			return fmt.Errorf("got a frame that begins with %#x", first[0])
		}
		return nil
	}}
}

// closed closes at once.
func closed(code closecode.Code, reason string) testCase {
	return testCase{"closed with " + code.String(), func(ctx context.Context, c *conn.Conn) error {
		return c.Shutdown(ctx, code, reason)
	}}
}

// failed sends bytes that must fail the connection with code.
func failed(name, raw string, code closecode.Code) testCase {
	return testCase{name, func(ctx context.Context, c *conn.Conn) error {
		if _, err := io.WriteString(c.NetConn(), raw); err != nil {
			return err
		}
		_, err := c.Read(ctx)
		if got, ok := closecode.Of(err); !ok || got != code {
			return fmt.Errorf("got %v; want a Close frame with %v", err, code)
		}
		return nil
	}}
}

// lost sends bytes and ends the connection without a closing handshake.
func lost(raw string) testCase {
	return testCase{fmt.Sprintf("lost after %q", raw), func(_ context.Context, c *conn.Conn) error {
		_, err := io.WriteString(c.NetConn(), raw)
		c.Close()
		return err
	}}
}

// silent calls then, and waits for the client to go away.
func silent(then func()) testCase {
	return testCase{"silent", func(ctx context.Context, c *conn.Conn) error {
		then()
		_, err := c.Read(ctx)
		return err
	}}
}

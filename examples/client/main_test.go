package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/server"
)

// site serves handle on WebSocket connections, with the subprotocol "chat", and returns the URL.
func site(t *testing.T, handle func(c *conn.Conn)) (url string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := server.Accept(w, r, &server.Options{Subprotocols: []string{"chat"}})
		if err != nil {
			return
		}
		defer c.Close()
		handle(c)
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

// echo sends everything back until the client closes.
func echo(c *conn.Conn) {
	for m, err := range c.Messages(context.Background()) {
		if err != nil || c.Write(context.Background(), m.Op, m.Data) != nil {
			return
		}
	}
}

// talk runs the program on the given input and returns what it printed.
func talk(t *testing.T, url string, in io.Reader, opts *client.Options, once bool) (output string, clean bool) {
	t.Helper()
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	clean = run(t.Context(), url, opts, in, out, once)
	out.Flush()
	return b.String(), clean
}

// Each line is a message, without its end.
func TestRun_lines(t *testing.T) {
	for input, want := range map[string][]string{
		"hello\nworld\n":        {"text 5 hello", "text 5 world"},
		"no end of line":        {"text 14 no end of line"},
		"\n\r\nwindows\r\na\rb": {"text 0 ", "text 0 ", "text 7 windows", "text 3 a\rb"},
		"žluťoučký\n":           {"text 13 žluťoučký"},
	} {
		url := site(t, func(c *conn.Conn) {
			for range want {
				m, err := c.Read(context.Background())
				if err != nil {
					return
				}
				c.Write(context.Background(), m.Op, m.Data)
			}
			c.Shutdown(context.Background(), closecode.NormalClosure, "enough")
		})
		got, clean := talk(t, url, strings.NewReader(input), nil, false)
		if want := strings.Join(want, "\n") + "\nclosed 1000 enough\n"; got != want || !clean {
			t.Errorf("%q: got %q, clean: %v; want %q", input, got, clean, want)
		}
	}
}

// At the end of its input it closes with 1000 and prints what still comes before the server's answer to that.
func TestRun_once(t *testing.T) {
	closed := make(chan error, 1)
	url := site(t, func(c *conn.Conn) {
		for {
			m, err := c.Read(context.Background())
			if err != nil {
				closed <- err
				return
			}
			c.Write(context.Background(), m.Op, m.Data)
		}
	})
	many, echoes := strings.Repeat("hello\n", 500), strings.Repeat("text 5 hello\n", 500)
	for input, want := range map[string]string{"": "", "hello\nworld\n": "text 5 hello\ntext 5 world\n", many: echoes} {
		got, clean := talk(t, url, strings.NewReader(input), nil, true)
		if want += "closed 1000 \n"; got != want || !clean {
			t.Errorf("%q: got %q, clean: %v; want %q", input, got, clean, want)
		}
		if code, ok := closecode.Of(<-closed); !ok || code != closecode.NormalClosure {
			t.Errorf("%q: the server saw %v; want 1000", input, code)
		}
	}
}

func TestRun_received(t *testing.T) {
	for _, tt := range []struct {
		name   string
		handle func(c *conn.Conn)
		want   string
		clean  bool
	}{
		{"types", func(c *conn.Conn) {
			c.Write(context.Background(), frame.Text, []byte("hi there"))
			c.Write(context.Background(), frame.Binary, []byte("\x00\xffA"))
			c.Write(context.Background(), frame.Binary, nil)
			c.Shutdown(context.Background(), 4001, "that was all")
		}, "text 8 hi there\nbinary 3 00ff41\nbinary 0 \nclosed 4001 that was all\n", true},
		{"no code", func(c *conn.Conn) { c.Shutdown(context.Background(), closecode.NoStatusReceived, "") }, "closed 1005 \n", true},
		{"lost", func(c *conn.Conn) { c.Close() }, "closed 1006 EOF\n", false},
		{"broken protocol", func(c *conn.Conn) {
			io.WriteString(c.NetConn(), "\x81\x01\xff")
			io.Copy(io.Discard, c.NetConn())
		}, "error: websocket: text is not valid UTF-8 (1007 invalid payload, RFC 6455 section 8.1)\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, end := io.Pipe() // standard input that stays open
			defer end.Close()
			got, clean := talk(t, site(t, tt.handle), in, nil, false)
			if clean != tt.clean || got != tt.want {
				t.Errorf("got %q, clean: %v; want %q", got, clean, tt.want)
			}
		})
	}
}

// At the end of its input it stays connected, until the peer closes.
func TestRun_stays(t *testing.T) {
	url := site(t, func(c *conn.Conn) {
		m, err := c.Read(context.Background())
		if err != nil {
			return
		}
		c.Write(context.Background(), frame.Text, append([]byte("late answer to "), m.Data...))
		c.Shutdown(context.Background(), closecode.NormalClosure, "")
	})
	got, clean := talk(t, url, strings.NewReader("question"), nil, false)
	if want := "text 23 late answer to question\nclosed 1000 \n"; got != want || !clean {
		t.Errorf("got %q, clean: %v; want %q", got, clean, want)
	}
}

func TestRun_dialFails(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	for url, says := range map[string]string{
		"http://example.com/":                           "scheme",
		"ws" + strings.TrimPrefix(refusing.URL, "http"): "refused with status 404",
	} {
		got, clean := talk(t, url, strings.NewReader("hello\n"), nil, false)
		if clean || !strings.HasPrefix(got, "error: websocket: dial: ") || !strings.Contains(got, says) || strings.Count(got, "\n") != 1 {
			t.Errorf("got %q, clean: %v; want one line of error about %q", got, clean, says)
		}
	}
}

// An interrupt shuts the connection down with 1001.
func TestRun_interrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	url := site(t, func(c *conn.Conn) {
		interrupt()
		echo(c)
	})
	in, end := io.Pipe()
	defer end.Close()
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	clean := run(ctx, url, nil, in, out, false)
	out.Flush()
	// Where the interrupt came before the answer, dialing fails with it.
	if got := b.String(); got != "closed 1001 \n" && !strings.Contains(got, context.Canceled.Error()) || clean != strings.HasPrefix(got, "closed") {
		t.Errorf("got %q, clean: %v", got, clean)
	}
}

// The flags and the exit status, in a process of its own: this test program again, as main.
func TestMain_flags(t *testing.T) {
	asked := make(chan http.Header, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Header
		if c, err := server.Accept(w, r, &server.Options{Subprotocols: []string{"chat"}}); err == nil {
			echo(c)
			c.Close()
		}
	}))
	defer s.Close()
	url := "ws" + strings.TrimPrefix(s.URL, "http")
	for _, tt := range []struct {
		args   []string
		output string // how it begins
		status int
	}{
		{[]string{"-once", "-header", "X-A: 1", "-header", "X-A:2", "-subprotocol", "x", "-subprotocol", "chat", url}, "closed 1000 \n", 0},
		{[]string{"-once", "-compression", "message", url}, "closed 1000 \n", 0},
		{[]string{"-once", "-compression", "takeover", url}, "closed 1000 \n", 0},
		{[]string{"-once", "-compression", "off", url}, "closed 1000 \n", 0},
		{[]string{"-max-message", "1", url}, "error: websocket: message is over the limit (1009", 1},
		{[]string{"ftp://example.com"}, "error: ", 1},
		{[]string{"-compression", "x", url}, "", 2},
		{[]string{}, "", 2},
		{[]string{"-header", "no colon", url}, "", 2},
	} {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), "LAMINAR_CLIENT_ARGS="+strings.Join(tt.args, "\n"))
		cmd.Stdin = strings.NewReader("hi\n")
		output, _ := cmd.Output()
		output = bytes.TrimPrefix(output, []byte("text 2 hi\n")) // where the echo was not overtaken by the closing
		if status := cmd.ProcessState.ExitCode(); status != tt.status || !strings.HasPrefix(string(output), tt.output) || tt.output == "" && len(output) > 0 {
			t.Errorf("%q: got %q, status %d; want %q, status %d", tt.args, output, status, tt.output, tt.status)
		}
	}
	h := <-asked
	if got := fmt.Sprint(h["X-A"], h["Sec-Websocket-Protocol"]); got != "[1 2] [x, chat]" {
		t.Errorf("the server was sent %s", got)
	}
	for _, want := range []string{
		"[permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits]",
		"[permessage-deflate; client_max_window_bits]",
		"[]",
	} {
		if got := fmt.Sprint((<-asked)["Sec-Websocket-Extensions"]); got != want {
			t.Errorf("the server was offered %s; want %s", got, want)
		}
	}
}

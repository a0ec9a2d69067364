package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// program runs the echo with s until the test ends, and returns the URL that it printed.
func program(t *testing.T, s settings) (url string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, s)
		w.Close()
		ended <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	r.Close()
	if err != nil {
		t.Fatalf("it printed %q and ended with %v", line, <-ended)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	})
	url, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "listening on ")
	if !ok {
		t.Fatalf("it printed %q", line)
	}
	return url
}

// base returns settings as the flags have them by default, on a port of the system's choice.
func base(mode string) settings {
	return settings{addr: "127.0.0.1:0", mode: mode, compression: "off", maxMessage: 1 << 20}
}

var modes = []string{"read", "events", "loop"}

func TestEcho(t *testing.T) {
	for _, mode := range modes {
		url := "ws" + strings.TrimPrefix(program(t, base(mode)), "http")
		for _, path := range []string{"", "/", "/any/path?x=y"} {
			c, err := client.Dial(t.Context(), url+path, nil)
			if err != nil {
				t.Fatalf("%s, %q: %v", mode, path, err)
			}
			defer c.Close()
			for _, m := range []struct {
				op   frame.Opcode
				data string
			}{{frame.Text, "hello"}, {frame.Binary, "\x00\xff"}, {frame.Text, ""}, {frame.Text, strings.Repeat("é", 1<<18)}} {
				if err := c.Write(t.Context(), m.op, []byte(m.data)); err != nil {
					t.Fatal(err)
				}
				got, err := c.Read(t.Context())
				if err != nil || got.Op != m.op || string(got.Data) != m.data {
					t.Fatalf("%s, %q: got %v of %d bytes, %v; want %v of %d", mode, path, got.Op, len(got.Data), err, m.op, len(m.data))
				}
			}
			if err := c.Shutdown(t.Context(), 4000, "done"); err != nil {
				t.Errorf("%s, %q: Shutdown: %v", mode, path, err)
			}
		}
	}
}

func TestPage(t *testing.T) {
	url := program(t, base("events"))
	for path, want := range map[string]int{"/": http.StatusOK, "/favicon.ico": http.StatusNotFound} {
		r, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != want {
			t.Errorf("%s: got %s, %v; want %d", path, r.Status, err, want)
		}
		if path == "/" && (!strings.Contains(string(body), "WebSocket") || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html")) {
			t.Errorf("got %s: %.100q; want the page", r.Header.Get("Content-Type"), body)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// When it is interrupted, it says 1001 to those who are connected.
func TestInterrupt(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			read := make(chan error, 1)
			t.Run("connected", func(t *testing.T) {
				url := program(t, base(mode)) // is interrupted when this subtest ends
				c, err := client.Dial(t.Context(), "ws"+strings.TrimPrefix(url, "http"), nil)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					_, err := c.Read(context.Background())
					read <- err
				}()
			})
			if code, ok := closecode.Of(<-read); !ok || code != closecode.GoingAway {
				t.Errorf("got %v; want 1001", code)
			}
		})
	}
}

func TestMaxMessage(t *testing.T) {
	s := base("read")
	s.maxMessage = 100
	c, err := client.Dial(t.Context(), "ws"+strings.TrimPrefix(program(t, s), "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Write(t.Context(), frame.Binary, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if m, err := c.Read(t.Context()); err != nil || len(m.Data) != 100 {
		t.Fatalf("got %d bytes, %v; want 100", len(m.Data), err)
	}
	if err := c.Write(t.Context(), frame.Binary, make([]byte, 101)); err != nil {
		t.Fatal(err)
	}
	_, err = c.Read(t.Context())
	if code, ok := closecode.Of(err); !ok || code != closecode.MessageTooBig {
		t.Errorf("got %v; want 1009", err)
	}
}

// What -compression says is what a client that offers everything gets.
func TestCompression(t *testing.T) {
	for _, mode := range modes {
		for compression, want := range map[string]struct{ agreed, takeover bool }{"off": {}, "message": {true, false}, "takeover": {true, true}} {
			s := base(mode)
			s.compression = compression
			opts := &client.Options{Compression: &deflate.Options{ContextTakeover: true}}
			c, err := client.Dial(t.Context(), "ws"+strings.TrimPrefix(program(t, s), "http"), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			p, agreed := c.Compression()
			if agreed != want.agreed || agreed && (p.Server().ContextTakeover != want.takeover || p.Client().ContextTakeover != want.takeover) {
				t.Errorf("-compression %s, %s: agreed on %+v, %v", compression, mode, p, agreed)
			}
			for _, text := range []string{"", "x", strings.Repeat("é", 1<<17)} {
				if err := c.Write(t.Context(), frame.Text, []byte(text)); err != nil {
					t.Fatal(err)
				}
				if m, err := c.Read(t.Context()); err != nil || string(m.Data) != text {
					t.Errorf("-compression %s, %s: got %d bytes, %v; want %d", compression, mode, len(m.Data), err, len(text))
				}
			}
		}
	}
}

func TestTLS(t *testing.T) {
	site := httptest.NewTLSServer(nil)
	site.Close()
	cert := site.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	s := base("")
	s.cert, s.key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for name, block := range map[string]*pem.Block{s.cert: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}, s.key: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(site.Certificate())
	for _, s.mode = range modes {
		url := program(t, s)
		if !strings.HasPrefix(url, "https://") {
			t.Errorf("%s: it listens on %s", s.mode, url)
		}
		c, err := client.Dial(t.Context(), "wss"+strings.TrimPrefix(url, "https"), &client.Options{TLSConfig: &tls.Config{RootCAs: roots}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.Write(t.Context(), frame.Text, []byte("hi")); err != nil {
			t.Fatal(err)
		}
		if m, err := c.Read(t.Context()); err != nil || string(m.Data) != "hi" {
			t.Errorf("%s: got %q, %v", s.mode, m.Data, err)
		}
	}
}

// What cannot be done is said, before anything is listened on.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*settings)
		says   string
	}{
		{"unknown mode", func(s *settings) { s.mode = "x" }, "-mode x: want"},
		{"no limit of 0", func(s *settings) { s.maxMessage = 0 }, "-max-message"},
		{"unknown compression", func(s *settings) { s.compression = "x" }, "-compression x: want"},
		{"bad address", func(s *settings) { s.addr = "nowhere:x" }, "listen"},
		{"no certificate", func(s *settings) { s.cert, s.key = "absent.pem", "absent.pem" }, "absent.pem"},
		{"no key", func(s *settings) { s.cert = "absent.pem" }, "absent.pem"},
	} {
		s := base("read")
		tt.change(&s)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		stdout := os.Stdout
		os.Stdout, _ = os.Open(os.DevNull)
		err := run(ctx, s)
		os.Stdout.Close()
		os.Stdout = stdout
		cancel()
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v; want an error about %q", tt.name, err, tt.says)
		}
	}
}

//go:build linux

package main

import (
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/certificate"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
	"github.com/laminar-ws/laminar/bench/server/internal/echotest"
	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/frame"
)

// modes are all there are, the loops once without and once with workers.
var modes = map[string]config{
	"read":    {mode: "read"},
	"nethttp": {mode: "nethttp"},
	"events":  {mode: "events"},
	"loop":    {mode: "loop", loops: 1},
	"workers": {mode: "loop", loops: 2, workers: 2},
}

// start serves c until the test ends, over TLS if certFile is not "", and returns the address.
func start(t *testing.T, c config, certFile, keyFile string) (addr netip.AddrPort, err error) {
	t.Helper()
	s, err := c.service()
	if err != nil {
		return addr, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	go func() { // ends with Close
		if certFile != "" {
			s.ServeTLS(ln, certFile, keyFile)
		} else {
			s.Serve(ln)
		}
	}()
	return ln.Addr().(*net.TCPAddr).AddrPort(), nil
}

func TestService(t *testing.T) {
	for name, c := range modes {
		t.Run(name, func(t *testing.T) {
			compressed := func(t *testing.T, compression string) (netip.AddrPort, error) {
				c := c
				c.compression = compression
				return start(t, c, "", "")
			}
			echotest.Servers(t, compressed, wire.Uncompressed, wire.NoTakeover, wire.Takeover)
			addr, err := compressed(t, "dedicated")
			if err != nil {
				t.Fatal(err)
			}
			echotest.Deflate(t, addr, wire.Takeover)
		})
	}
}

// Every mode over TLS: an echo, and the plain GET of /memory.
func TestService_tls(t *testing.T) {
	pair, err := certificate.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	trust := &tls.Config{RootCAs: pair.Pool}
	for name, c := range modes {
		t.Run(name, func(t *testing.T) {
			c.compression = "off"
			addr, err := start(t, c, pair.CertFile, pair.KeyFile)
			if err != nil {
				t.Fatal(err)
			}
			ws, err := client.Dial(t.Context(), "wss://"+addr.String()+"/", &client.Options{TLSConfig: trust})
			if err != nil {
				t.Fatal(err)
			}
			defer ws.Close()
			if err := ws.Write(t.Context(), frame.Text, []byte("hello")); err != nil {
				t.Fatal(err)
			}
			if m, err := ws.Read(t.Context()); err != nil || string(m.Data) != "hello" || m.Op != frame.Text {
				t.Errorf("the echo is %v %q, %v; want text %q", m.Op, m.Data, err, "hello")
			}
			transport := &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}
			response, err := (&http.Client{Transport: transport}).Get("https://" + addr.String() + "/memory?as-is")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var m report.Memory
			if err := json.NewDecoder(response.Body).Decode(&m); err != nil || m.Resident <= 0 || m.Heap <= 0 || m.Stack <= 0 {
				t.Errorf("memory %+v, %v; want figures", m, err)
			}
		})
	}
}

func TestService_sleepy(t *testing.T) {
	addr, err := start(t, config{mode: "events", sleepy: true, compression: "off"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	ws, err := client.Dial(t.Context(), "ws://"+addr.String()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	began := time.Now()
	if err := ws.Write(t.Context(), frame.Text, []byte("sleep")); err != nil {
		t.Fatal(err)
	}
	if m, err := ws.Read(t.Context()); err != nil || string(m.Data) != "sleep" {
		t.Errorf("the echo is %q, %v; want %q", m.Data, err, "sleep")
	}
	if took := time.Since(began); took < nap {
		t.Errorf("the echo took %v; want %v or more", took, nap)
	}
}

func TestService_refused(t *testing.T) {
	for _, c := range []config{
		{mode: "flood", compression: "off"},
		{mode: "loop", compression: "off"},
		{mode: "read", compression: "off", sleepy: true},
	} {
		if _, err := c.service(); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

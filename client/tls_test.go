package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/client"
)

// certificate is that of net/http/httptest, for example.com, 127.0.0.1 and ::1, with the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.TLS.Certificates[0], roots
}

// secureServer is a NetDial to a server over TLS. It reports what the client's hello asked for.
func secureServer(cert tls.Certificate, hellos chan<- *tls.ClientHelloInfo, protos ...string) func(context.Context, string, string) (net.Conn, error) {
	cfg := &tls.Config{
		Certificates: []tls.Certificate{cert}, NextProtos: protos,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			hellos <- hello
			return nil, nil
		},
	}
	return inMemory(func(nc net.Conn) {
		tc := tls.Server(nc, cfg)
		if head, err := readRequestHead(tc); err == nil {
			io.WriteString(tc, accepted(head, "")+"\x81\x02hi")
		}
		drain(nc)
	})
}

func TestDial_serverName(t *testing.T) {
	cert, roots := certificate(t)
	hellos := make(chan *tls.ClientHelloInfo, 1)
	for _, tt := range []struct {
		url, name string
		sni       string // "": none, as RFC 6066 section 3 has it for addresses
		ok        bool
	}{
		{"wss://example.com/", "", "example.com", true},
		{"wss://example.com:8443/", "", "example.com", true},
		{"wss://EXAMPLE.com/", "", "EXAMPLE.com", true},
		{"wss://127.0.0.1:8443/", "", "", true},
		{"wss://[::1]/", "", "", true},
		{"wss://[::1]:8443/", "", "", true},
		{"wss://[::1%25lo]/", "", "", true},
		{"wss://[::2]/", "", "", false},
		{"wss://other.test/", "", "other.test", false},
		{"wss://other.test/", "example.com", "example.com", true},
		{"wss://example.com/", "other.test", "other.test", false},
	} {
		cfg := &tls.Config{RootCAs: roots, ServerName: tt.name, NextProtos: []string{"h2", "http/1.1"}}
		c, err := client.Dial(t.Context(), tt.url, &client.Options{TLSConfig: cfg, NetDial: secureServer(cert, hellos, "h2", "http/1.1")})
		hello := <-hellos
		if got := hello.ServerName; !strings.EqualFold(got, tt.sni) {
			t.Errorf("%s: server name %q; want %q", tt.url, got, tt.sni)
		}
		if want := []string{"http/1.1"}; !reflect.DeepEqual(hello.SupportedProtos, want) {
			t.Errorf("%s: ALPN %q; want %q", tt.url, hello.SupportedProtos, want)
		}
		if cfg.ServerName != tt.name || len(cfg.NextProtos) != 2 {
			t.Errorf("%s: the caller's configuration became %q, %q", tt.url, cfg.ServerName, cfg.NextProtos)
		}
		if !tt.ok {
			if _, wrong := errors.AsType[x509.HostnameError](err); !wrong {
				t.Errorf("%s: got %v; want a HostnameError", tt.url, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.url, err)
			continue
		}
		if m, err := c.Read(t.Context()); err != nil || string(m.Data) != "hi" {
			t.Errorf("%s: got %q, %v", tt.url, m.Data, err)
		}
		c.Close()
	}
}

// A certificate that nobody vouches for is refused, and the error says so.
func TestDial_selfSigned(t *testing.T) {
	cert, _ := certificate(t)
	err := dialFails(t, "wss://example.com/", &client.Options{NetDial: secureServer(cert, make(chan *tls.ClientHelloInfo, 1))})
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok || !strings.HasPrefix(err.Error(), "websocket: dial: TLS handshake: ") {
		t.Errorf("got %v", err)
	}
}

func TestDial_notTLS(t *testing.T) {
	err := dialFails(t, "wss://example.com/", &client.Options{NetDial: inMemory(func(nc net.Conn) {
		go drain(nc)
		io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})})
	if _, ok := errors.AsType[tls.RecordHeaderError](err); !ok {
		t.Errorf("got %v; want a RecordHeaderError", err)
	}
}

// One configuration serves dials to several names at once.
func TestDial_sharedTLSConfig(t *testing.T) {
	cert, roots := certificate(t)
	opts := &client.Options{
		TLSConfig: &tls.Config{RootCAs: roots},
		NetDial:   secureServer(cert, make(chan *tls.ClientHelloInfo, 8)),
	}
	done := make(chan error)
	for _, host := range []string{"example.com", "127.0.0.1", "[::1]", "example.com", "127.0.0.1", "[::1]"} {
		go func() {
			c, err := client.Dial(t.Context(), "wss://"+host+"/", opts)
			if err == nil {
				c.Close()
			}
			done <- err
		}()
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// certificate is that of net/http/httptest, for example.com and the loopback addresses.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	return s.TLS.Certificates[0]
}

func tlsConfig(t *testing.T) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
}

// certificateFiles writes cert to PEM files.
func certificateFiles(t *testing.T, cert tls.Certificate) (certFile, keyFile string) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// startTLS serves s over TLS and closes it when the test ends.
func startTLS(t *testing.T, s *server.Server) (addr string) {
	t.Helper()
	l := listen(t)
	served := make(chan error, 1)
	go func() { served <- s.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("ServeTLS: %v", err)
		}
	})
	return l.Addr().String()
}

func connectTLS(t *testing.T, addr string) *peer {
	t.Helper()
	p := connect(t, addr)
	tc := tls.Client(p.Conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	if got := tc.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("ALPN chose %q; want http/1.1", got)
	}
	return newPeer(tc)
}

func TestServer_tls(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		cert := certificate(t)
		cfg := &tls.Config{Certificates: []tls.Certificate{cert}, NextProtos: []string{"h2"}}
		addr := startTLS(t, m.echo(&server.Server{TLSConfig: cfg}))
		for origin, want := range map[string]int{"https://h": 101, "http://h": 403} { // the scheme is known
			p := connectTLS(t, addr)
			p.send(request("Origin: " + origin + "\r\n"))
			if r := p.response(t); r.StatusCode != want {
				t.Errorf("page of %s: got %s; want %d", origin, r.Status, want)
			}
		}
		p := connectTLS(t, addr)
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
		if len(cfg.NextProtos) != 1 || cfg.NextProtos[0] != "h2" || len(cfg.Certificates) != 1 {
			t.Errorf("the caller's configuration became %v, %d certificates", cfg.NextProtos, len(cfg.Certificates))
		}
	})
}

// A client that does not speak TLS is ended and harms nobody.
func TestServer_tlsBroken(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		addr := startTLS(t, m.echo(&server.Server{TLSConfig: tlsConfig(t)}))
		p := connect(t, addr)
		p.send(request(""))
		io.Copy(io.Discard, p)
		p = connectTLS(t, addr)
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
	})
}

func TestServer_tlsFiles(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		certFile, keyFile := certificateFiles(t, certificate(t))
		l := listen(t)
		s := m.echo(&server.Server{})
		served := make(chan error, 1)
		go func() { served <- s.ServeTLS(l, certFile, keyFile) }()
		p := connectTLS(t, l.Addr().String())
		p.send(request("") + masked(0x81, "hi"))
		p.upgraded(t)
		p.wants(t, "\x81\x02hi")
		s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("ServeTLS: %v", err)
		}
	})
}

// Without a certificate nothing is served, and the listener is closed.
func TestServer_tlsNoCertificate(t *testing.T) {
	certFile, _ := certificateFiles(t, certificate(t))
	for _, files := range [][2]string{{"", ""}, {certFile, ""}, {"", certFile}, {certFile, certFile}, {"absent.pem", "absent.pem"}} {
		l := listen(t)
		if err := (&server.Server{}).ServeTLS(l, files[0], files[1]); err == nil || errors.Is(err, http.ErrServerClosed) {
			t.Errorf("%q: got %v", files, err)
		}
		if _, err := l.Accept(); err == nil {
			t.Errorf("%q: the listener was left open", files)
		}
	}
}

package memquery

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

func TestAsk(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.String() {
		case "/memory":
			io.WriteString(w, `{"Resident":3,"Heap":2,"Stack":1}`)
		case "/memory?as-is":
			io.WriteString(w, `{"Resident":6,"Heap":5,"Stack":4}`)
		default:
			http.NotFound(w, r)
		}
	})
	plain, secure := httptest.NewServer(answer), httptest.NewTLSServer(answer)
	defer plain.Close()
	defer secure.Close()
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	tests := []struct {
		server  *httptest.Server
		trust   *tls.Config
		collect bool
		want    report.Memory
	}{
		{plain, nil, true, report.Memory{Resident: 3, Heap: 2, Stack: 1}},
		{plain, nil, false, report.Memory{Resident: 6, Heap: 5, Stack: 4}},
		{secure, &tls.Config{RootCAs: pool}, true, report.Memory{Resident: 3, Heap: 2, Stack: 1}},
	}
	for _, tt := range tests {
		got, err := Ask(t.Context(), tt.server.Listener.Addr().String(), tt.trust, tt.collect)
		if err != nil || got != tt.want {
			t.Errorf("Ask(%s, collect %v) = %+v, %v; want %+v", tt.server.URL, tt.collect, got, err, tt.want)
		}
	}
}

func TestAsk_refused(t *testing.T) {
	for _, h := range []http.HandlerFunc{
		http.NotFound,
		func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "no JSON") },
	} {
		srv := httptest.NewServer(h)
		if m, err := Ask(t.Context(), srv.Listener.Addr().String(), nil, true); err == nil {
			t.Errorf("Ask = %+v; want an error", m)
		}
		srv.Close()
	}
}

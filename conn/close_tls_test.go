package conn_test

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/conn/internal/memory"
	"github.com/laminar-ws/laminar/frame"
)

// TestClose_overTLSAtOnce: a peer that does not read cannot hold up Close, though crypto/tls would wait 5 s for it to take a close_notify.
func TestClose_overTLSAtOnce(t *testing.T) {
	certs := httptest.NewUnstartedServer(nil)
	certs.StartTLS()
	certs.Close()
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		server, client := tls.Server(a, certs.TLS), tls.Client(b, &tls.Config{InsecureSkipVerify: true})
		shaken := inBackground(client.Handshake)
		err := server.Handshake()
		if err != nil {
			t.Fatal(err)
		}
		if err := shaken(); err != nil {
			t.Fatal(err)
		}
		c := conn.New(server, frame.Server, nil)
		p := make([]byte, 1<<10)
		for server.SetWriteDeadline(time.Now().Add(time.Second)); err == nil; { // until the stream is full
			_, err = a.Write(p)
		}
		begun := time.Now()
		c.Close()
		if took := time.Since(begun); took != 0 {
			t.Errorf("Close took %v; want none", took)
		}
		b.Close()
	})
}

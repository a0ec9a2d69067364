package conn_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestPipe: the ends are a client and a server, each with its own options.
func TestPipe(t *testing.T) {
	client, server := conn.Pipe(&conn.Options{Subprotocol: "c", MaxMessage: 10}, &conn.Options{Subprotocol: "s"})
	if client.Subprotocol() != "c" || server.Subprotocol() != "s" {
		t.Errorf("subprotocols %q and %q; want those of the options", client.Subprotocol(), server.Subprotocol())
	}
	for _, way := range []struct{ from, to *conn.Conn }{{client, server}, {server, client}} {
		for range 3 { // without a reader: a direction holds 64 KiB
			if err := way.from.Write(t0, frame.Binary, []byte("Hello")); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if m, err := way.to.Read(t0); err != nil || m.Op != frame.Binary || string(m.Data) != "Hello" {
				t.Errorf("Read = %v, %v", m, err)
			}
		}
	}
	if err := server.Write(t0, frame.Text, []byte("over the limit")); err != nil {
		t.Fatal(err)
	}
	served := inBackground(func() error { return server.Serve(t0, nil) })
	if _, err := client.Read(t0); !isTooBig(err) {
		t.Errorf("the client's Read: %v; want its own limit obeyed", err)
	}
	if code, _ := closecode.Of(served()); code != closecode.MessageTooBig {
		t.Errorf("the server ended with %v; want 1009", code)
	}
}

// TestPipe_bubble: an hour of virtual time, with deadlines and pings.
func TestPipe_bubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := conn.Pipe(nil, nil)
		served := inBackground(func() error { return server.Serve(t0, nil) })
		begin := time.Now()
		for range 60 {
			ctx, cancel := context.WithTimeout(t0, time.Minute)
			pinged := inBackground(func() error {
				_, err := client.Ping(ctx)
				return err
			})
			if _, err := client.Read(ctx); err != context.DeadlineExceeded {
				t.Fatalf("Read: %v; want %v", err, context.DeadlineExceeded)
			}
			cancel()
			if err := pinged(); err != nil {
				t.Errorf("Ping: %v", err)
			}
		}
		if took := time.Since(begin); took != time.Hour {
			t.Errorf("it took %v; want an hour", took)
		}
		if err := client.Shutdown(t0, closecode.NormalClosure, "done"); err != nil {
			t.Error(err)
		}
		wantCloseError(t, served(), conn.CloseError{Code: closecode.NormalClosure, Reason: "done", Remote: true})
	})
}

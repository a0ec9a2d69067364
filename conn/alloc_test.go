//go:build !race

package conn_test

import (
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestAllocs: what a message and its echo may allocate, at both ends together, with contexts that cannot be cancelled.
func TestAllocs(t *testing.T) {
	p := make([]byte, 1<<10)
	buf := make([]byte, len(p))
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	roundTrip := func(from, to *conn.Conn) {
		check(from.Write(t0, frame.Binary, p))
		m, err := to.Read(t0)
		check(err)
		check(to.Write(t0, m.Op, m.Data))
		_, err = from.Read(t0)
		check(err)
	}
	for _, l := range links {
		if l.name == netPipeLink.name {
			continue // allocates itself, and needs a reader for each write
		}
		t.Run(l.name, func(t *testing.T) {
			client, server := l.pair(t, nil)
			budget(t, "Write and Read", 0, func() { roundTrip(client, server) })
			budget(t, "Write and Read, from the server", 0, func() { roundTrip(server, client) })
			atOnce := 0.0 // on a socket, which says what it takes without waiting; elsewhere a goroutine may be started for each
			if l.name != tcpLink.name && l.name != unixLink.name {
				atOnce = 4
			}
			budget(t, "control frames", atOnce, func() {
				check(client.WritePong(p[:100]))
				check(server.WritePong(p[:100]))
				roundTrip(client, server)
			})
			budget(t, "pings", atOnce, func() {
				check(client.WritePing(p[:100]))
				check(server.WritePing(p[:100]))
				roundTrip(client, server)
			})
			budget(t, "NextWriter and NextReader", 4, func() { // one of each, there and back
				check(sendStream(client, p))
				check(receiveStream(server, buf))
				check(sendStream(server, p))
				check(receiveStream(client, buf))
			})

			served := inBackground(func() error { return server.Serve(t0, echoEvents) })
			budget(t, "Serve", 0, func() {
				check(client.Write(t0, frame.Binary, p))
				_, err := client.Read(t0)
				check(err)
			})
			client.Close()
			served()

			client, server = l.pair(t, nil)
			served = inBackground(func() error { return client.Serve(t0, echoEvents) })
			budget(t, "Serve, by the client", 0, func() {
				check(server.Write(t0, frame.Binary, p))
				_, err := server.Read(t0)
				check(err)
			})
			server.Close()
			served()
		})
	}
}

// budget fails when f allocates more often than n times, on average.
func budget(t *testing.T, what string, n float64, f func()) {
	t.Helper()
	if got := testing.AllocsPerRun(500, f); got > n {
		t.Errorf("%s: %v allocations; want at most %v", what, got, n)
	}
}

// TestAllocs_compressed: the same for messages that are compressed.
func TestAllocs_compressed(t *testing.T) {
	p := []byte(proseOf(1 << 10))
	for _, z := range compressions {
		client, server := tcpLink.pair(t, z.options())
		prepared, err := conn.NewPrepared(frame.Text, p)
		if err != nil {
			t.Fatal(err)
		}
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		roundTrip := func() {
			check(client.Write(t0, frame.Text, p))
			m, err := server.Read(t0)
			check(err)
			check(server.Write(t0, m.Op, m.Data))
			_, err = client.Read(t0)
			check(err)
		}
		for range 100 { // until the windows have their full size
			roundTrip()
		}
		budget(t, z.name+": Write and Read", 0, roundTrip)
		budget(t, z.name+": prepared", 0, func() {
			check(server.WritePrepared(t0, prepared))
			_, err := client.Read(t0)
			check(err)
		})
	}
}

package conn_test

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
	"github.com/laminar-ws/laminar/internal/leaktest"
)

// The release run has 100,000 connections: go test -race -run TestLeak ./conn -connections 100000 -timeout 0.
var leakConnections = flag.Int("connections", 2_000, "connections of TestLeak")

// endings are the ways in which a connection ends. The server is being served, or driven; each must leave the client ended, or about to be.
var endings = map[string]func(client, server *conn.Conn){
	"Close":              func(client, _ *conn.Conn) { client.Close() },
	"the server's Close": func(_, server *conn.Conn) { server.Close() },
	"Shutdown":           func(client, _ *conn.Conn) { client.Shutdown(context.Background(), closecode.NormalClosure, "") },
	"the server's Shutdown": func(client, server *conn.Conn) {
		reading := inBackground(func() error { return readers["Read"](context.Background(), client) })
		server.Shutdown(context.Background(), closecode.GoingAway, "")
		reading()
	},
	"both Shutdown": func(client, server *conn.Conn) {
		wait := inBackground(func() error { return server.Shutdown(context.Background(), closecode.GoingAway, "") })
		client.Shutdown(context.Background(), closecode.NormalClosure, "")
		wait()
	},
	"the transport is cut": func(client, _ *conn.Conn) { client.NetConn().Close() },
	"cut inside a frame": func(client, _ *conn.Conn) {
		client.NetConn().Write([]byte{0x82, 0xfe, 0xff, 0xff, 1, 2, 3, 4, 5})
		client.NetConn().Close()
	},
	"a breach of the protocol": func(client, _ *conn.Conn) {
		client.NetConn().Write(violations[0].sent)
		readers["Read"](context.Background(), client)
	},
	"a message too long": func(client, _ *conn.Conn) {
		go client.Write(context.Background(), frame.Binary, make([]byte, conn.DefaultMaxMessage+1))
		readers["NextReader"](context.Background(), client)
	},
	"a panic": func(client, _ *conn.Conn) {
		client.Write(context.Background(), frame.Text, []byte("panic"))
		readers["Serve"](context.Background(), client)
	},
	"a reading context": func(client, _ *conn.Conn) {
		ctx, cancel := context.WithCancel(context.Background())
		wait := inBackground(func() error { return readers["Read"](ctx, client) })
		cancel()
		wait()
		client.Close()
	},
	"the context of Serve": func(client, _ *conn.Conn) {
		ctx, cancel := context.WithCancel(context.Background())
		wait := inBackground(func() error { return client.Serve(ctx, nil) })
		cancel()
		wait()
	},
	"a writing context": func(client, _ *conn.Conn) {
		client.Write(context.Background(), frame.Text, []byte("stall"))
		ctx, cancel := context.WithCancel(context.Background())
		writing := inBackground(func() error { return client.Write(ctx, frame.Binary, make([]byte, 64<<20)) })
		cancel()
		writing()
		client.Close()
	},
	"writers that wait": func(client, _ *conn.Conn) {
		client.Write(context.Background(), frame.Text, []byte("stall"))
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { client.Write(context.Background(), frame.Binary, make([]byte, 16<<20)) })
			all.Go(func() { client.Ping(context.Background()) })
		}
		client.Close()
		all.Wait()
	},
	"a silent peer": func(client, _ *conn.Conn) {
		client.Write(context.Background(), frame.Text, []byte("stall"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		client.Shutdown(ctx, closecode.NormalClosure, "")
	},
	"a stream not read to its end": func(client, _ *conn.Conn) {
		client.Write(context.Background(), frame.Binary, make([]byte, 50_000))
		client.NextReader(context.Background())
		client.Close()
	},
	"a write deadline": func(client, _ *conn.Conn) {
		client.SetWriteDeadline(time.Unix(1, 0))
		client.Write(context.Background(), frame.Binary, make([]byte, 50_000))
	},
}

// TestLeak ends many connections in all these ways. Then there are as many goroutines and descriptors as before, and nothing holds
// any of the connections.
func TestLeak(t *testing.T) {
	n := *leakConnections
	if testing.Short() {
		n /= 10
	}
	goroutinesBefore, filesBefore := leaktest.Goroutines(), openFiles()
	var mu sync.Mutex
	conns := make(map[string][]weak.Pointer[conn.Conn])
	for done := 0; done < n; {
		var batch sync.WaitGroup
		for how, end := range endings {
			done++
			s := servings[done/len(endings)%len(servings)]
			batch.Go(func() {
				client, server := endIn(t, end, s)
				mu.Lock()
				defer mu.Unlock()
				conns[how] = append(conns[how], client, server)
			})
		}
		batch.Wait()
	}
	if left := leaktest.LeftBehind(goroutinesBefore); left != nil {
		t.Errorf("%d goroutines are left, such as\n%s", len(left), left[0])
	}
	if now := openFiles(); now > filesBefore {
		t.Errorf("%d descriptors are open; want %d, as before", now, filesBefore)
	}
	until := limitedTime(t)
	for how, conns := range conns {
		held := len(conns)
		for held > 0 && until.Err() == nil {
			runtime.GC()
			held = 0
			for _, c := range conns {
				if c.Value() != nil {
					held++
				}
			}
		}
		if held > 0 {
			t.Errorf("%d of %d connections ended by %s are still held", held, len(conns), how)
		}
	}
}

// endIn makes a connection over a socket and ends it in the given way.
func endIn(t *testing.T, end func(client, server *conn.Conn), s serving) (weakClient, weakServer weak.Pointer[conn.Conn]) {
	opts := &conn.Options{ErrorLog: slog.New(slog.NewTextHandler(io.Discard, nil))}
	a, b := socketPair(t)
	client, server := conn.New(a, frame.Client, opts), conn.New(b, frame.Server, opts)
	released := make(chan struct{})
	served := inBackground(func() error {
		return s.all(server, &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) {
			switch string(m.Data[:min(len(m.Data), 10)]) {
			case "panic":
				panic("as asked for")
			case "stall":
				<-released
			default:
				c.Write(context.Background(), m.Op, m.Data)
			}
		}})
	})
	end(client, server)
	client.Close()
	close(released)
	served()
	return weak.Make(client), weak.Make(server)
}

// openFiles returns how many descriptors this process has, or 0 where the system does not tell.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	n := 0
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

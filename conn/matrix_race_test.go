package conn_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// operation is a call of one method of a Conn.
type operation struct {
	name string
	ends bool // it ends the connection
	call func(ctx context.Context, c *conn.Conn, r *rand.Rand) error
}

var operations = []operation{
	{"Read", false, func(ctx context.Context, c *conn.Conn, _ *rand.Rand) error {
		_, err := c.Read(ctx) // whose data another reader may end the loan of
		return err
	}},
	{"Read with a short context", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		ctx, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(200))*time.Microsecond)
		defer cancel()
		_, err := c.Read(ctx)
		return err
	}},
	{"NextReader", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		_, reader, err := c.NextReader(ctx)
		if err == nil {
			_, err = io.CopyN(io.Discard, reader, int64(r.IntN(100_000))) // perhaps not all of it
		}
		return err
	}},
	{"Messages", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		n := r.IntN(5)
		for _, err := range c.Messages(ctx) {
			if n--; n < 0 || err != nil {
				return err
			}
		}
		return nil
	}},
	{"Serve", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		n := r.IntN(20)
		return c.Serve(ctx, &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) {
				if n--; n < 0 {
					c.Close() // else the walk would have one reader for good
				}
				c.Write(ctx, m.Op, m.Data)
			},
			OnPing: func(c *conn.Conn, p []byte) { c.WritePong(p) },
		})
	}},
	{"Write", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		return c.Write(ctx, frame.Binary, make([]byte, r.IntN(1000)))
	}},
	{"Write large", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		return c.Write(ctx, frame.Text, make([]byte, 16<<10+r.IntN(100_000)))
	}},
	{"Write with an ended context", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return c.Write(ctx, frame.Text, nil)
	}},
	{"NextWriter", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		return stream(ctx, c, make([]byte, 1+r.IntN(100_000)), r)
	}},
	{"Ping", false, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		_, err := c.Ping(ctx)
		return err
	}},
	{"Buffered and Dropped", false, func(_ context.Context, c *conn.Conn, _ *rand.Rand) error {
		if c.Buffered() < 0 || c.Dropped() > 1<<40 {
			return &frame.Error{Msg: "counts that cannot be"}
		}
		return nil
	}},
	{"WritePing", false, func(_ context.Context, c *conn.Conn, _ *rand.Rand) error { return c.WritePing(make([]byte, 8)) }},
	{"WritePong", false, func(_ context.Context, c *conn.Conn, _ *rand.Rand) error { return c.WritePong(make([]byte, 125)) }},
	{"SetWriteDeadline", false, func(_ context.Context, c *conn.Conn, r *rand.Rand) error {
		return c.SetWriteDeadline(time.Now().Add(time.Minute))
	}},
	{"Write with a short context", true, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		ctx, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(200))*time.Microsecond)
		defer cancel()
		return c.Write(ctx, frame.Binary, make([]byte, 300_000))
	}},
	{"Shutdown", true, func(ctx context.Context, c *conn.Conn, _ *rand.Rand) error {
		return c.Shutdown(ctx, closecode.NormalClosure, "the end")
	}},
	{"Shutdown in a short time", true, func(ctx context.Context, c *conn.Conn, r *rand.Rand) error {
		ctx, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(500))*time.Microsecond)
		defer cancel()
		return c.Shutdown(ctx, closecode.GoingAway, "")
	}},
	{"Close", true, func(_ context.Context, c *conn.Conn, _ *rand.Rand) error { return c.Close() }},
	{"the transport is cut", true, func(_ context.Context, c *conn.Conn, _ *rand.Rand) error {
		if nc := c.NetConn(); nc != nil {
			return nc.Close()
		}
		return nil
	}},
}

// pairOver are the ways to get two connected ends.
var pairOver = map[string]func(t testing.TB) (client, server *conn.Conn){
	"pipe": func(testing.TB) (client, server *conn.Conn) { return conn.Pipe(nil, nil) },
	"tcp": func(t testing.TB) (client, server *conn.Conn) {
		a, b := socketPair(t)
		return conn.New(a, frame.Client, nil), conn.New(b, frame.Server, nil)
	},
	"net.Pipe": func(testing.TB) (client, server *conn.Conn) {
		a, b := net.Pipe()
		return conn.New(a, frame.Client, nil), conn.New(b, frame.Server, nil)
	},
	"driven":                   drivenPair(nil, 1<<20, 1<<20),
	"driven, with little room": drivenPair(&conn.Options{WriteQueue: 50_000, WhenFull: conn.FullError, HighWater: 3000}, 2000, 100),
	"driven, and dropping":     drivenPair(&conn.Options{WriteQueue: 5000, WhenFull: conn.FullDropOldest}, 2000, 5000),
	"driven, and closed":       drivenPair(&conn.Options{WriteQueue: 200_000}, 5000, 5000),
	"no deadlines": func(testing.TB) (client, server *conn.Conn) {
		a, b := net.Pipe()
		return conn.New(struct{ io.ReadWriteCloser }{a}, frame.Client, nil), conn.New(struct{ io.ReadWriteCloser }{b}, frame.Server, nil)
	},
}

// drivenPair is a pair of which the client is driven, by a loop that ends with the connection.
func drivenPair(opts *conn.Options, room, part int) func(t testing.TB) (client, server *conn.Conn) {
	return func(t testing.TB) (client, server *conn.Conn) {
		client, server = conn.Pipe(opts, nil)
		l, d, err := newLoop(client, &conn.Events{
			OnMessage: func(c *conn.Conn, m conn.Message) {
				kept := m.Detach()
				if len(kept.B) < 100 {
					c.Write(t0, m.Op, kept.B)
				}
				kept.Release()
			},
			OnDrain: func(c *conn.Conn) { c.WritePing(nil) },
		}, room, part)
		if err != nil {
			t.Fatal(err)
		}
		go l.run(d)
		return client, server
	}
}

// echoing serves the other end until it ends: an echo that also pings and sends of its own accord.
func echoing(c *conn.Conn) (wait func() error) {
	return inBackground(func() error {
		return c.Serve(context.Background(), &conn.Events{
			OnOpen: func(c *conn.Conn) {
				for range 3 {
					c.Write(context.Background(), frame.Binary, make([]byte, 2000))
				}
				c.WritePing(nil)
			},
			OnMessage: func(c *conn.Conn, m conn.Message) {
				// The echo of much to a client that does not read would wait for ever: this server is not that patient.
				ctx, cancel := context.WithTimeout(context.Background(), tooLong)
				defer cancel()
				if len(m.Data) < 2000 {
					c.Write(ctx, m.Op, m.Data)
				}
				if len(m.Data)%7 == 0 {
					c.WritePing(m.Data[:min(len(m.Data), 125)])
				}
			},
		})
	})
}

// wantLegal fails the test for an error that no call may return: all but the context's, the refusals that leave the connection alone, and
// those of its end.
func wantLegal(t *testing.T, name string, err error) {
	t.Helper()
	if e, ok := errors.AsType[*frame.Error](err); ok {
		t.Errorf("%s: %v: one end broke the protocol", name, e)
	}
}

// TestMatrix runs every operation with every other, at the same time and on both ends' initiative, until the connection ends: nothing races, nothing hangs,
// nobody breaks the protocol, and the end is the same for all.
func TestMatrix(t *testing.T) {
	for over, pair := range pairOver {
		t.Run(over, func(t *testing.T) {
			t.Parallel()
			for i, a := range operations {
				for _, b := range operations[i:] {
					client, server := pair(t)
					serverEnd := echoing(server)
					ctx, cancel := context.WithTimeout(t.Context(), tooLong)
					var all sync.WaitGroup
					for n, op := range []operation{a, b, a, b} {
						all.Go(func() {
							r := rand.New(rand.NewPCG(uint64(i), uint64(n)))
							for range 5 {
								wantLegal(t, fmt.Sprintf("%s with %s", a.name, b.name), op.call(ctx, client, r))
							}
						})
					}
					// Readers may wait for more than comes: the end frees them.
					ended := make(chan struct{})
					go func() {
						defer close(ended)
						all.Wait()
					}()
					tick := time.NewTimer(2 * time.Millisecond)
					select {
					case <-ended:
					case <-tick.C:
					}
					tick.Stop()
					client.Close()
					select {
					case <-ended:
					case <-ctx.Done():
						t.Fatalf("%s with %s: a call did not return after Close", a.name, b.name)
					}
					cancel()
					_, err := client.Read(t.Context())
					wantSameEnd(t, client, err)
					wantLegal(t, "the server of "+a.name+" with "+b.name, serverEnd())
				}
			}
		})
	}
}

// TestWalk lets four goroutines do random things to both ends until one of them ends the connection, or the walk is over.
func TestWalk(t *testing.T) {
	walks := 80
	if testing.Short() {
		walks = 20
	}
	for over, pair := range pairOver {
		t.Run(over, func(t *testing.T) {
			t.Parallel()
			for seed := range walks {
				client, server := pair(t)
				ctx, cancel := context.WithTimeout(t.Context(), tooLong)
				var all sync.WaitGroup
				for n := range 4 {
					c := []*conn.Conn{client, server}[n%2]
					all.Go(func() {
						r := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
						for range 25 {
							op := operations[r.IntN(len(operations))]
							if op.ends && r.IntN(4) > 0 {
								continue
							}
							wantLegal(t, fmt.Sprintf("walk %d: %s", seed, op.name), op.call(ctx, c, r))
							if ctx.Err() != nil {
								t.Errorf("walk %d: %s hung", seed, op.name)
							}
						}
					})
				}
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					all.Wait()
				}()
				tick := time.NewTimer(5 * time.Millisecond)
				select {
				case <-ended:
				case <-tick.C:
				}
				tick.Stop()
				client.Close()
				server.Close()
				<-ended
				cancel()
				for _, c := range []*conn.Conn{client, server} {
					_, err := c.Read(t.Context())
					wantSameEnd(t, c, err)
					wantLegal(t, fmt.Sprintf("the end of walk %d", seed), err)
				}
			}
		})
	}
}

//go:build linux

// Command memory tells how many bytes a server holds per idle connection, with each way to compress.
//
//	go run ./memory [-conns N] [-messages N]
//
// For each way it starts the laminar server in a process of its own, opens the connections, has every one echo the messages, JSON
// documents of 1 KiB, one after the other, and asks the server what it holds when nothing is under way any more: what is resident, by the kernel's account, and of that the objects and the goroutines'
// stacks, by the Go runtime's; each less what it was before. 40 messages fill windows of 15 bits in both directions. Each process needs a descriptor per
// connection.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/laminar-ws/laminar/bench/internal/program"
	"github.com/laminar-ws/laminar/bench/internal/report"
	"github.com/laminar-ws/laminar/bench/internal/wire"
	"github.com/laminar-ws/laminar/client"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/deflate"
	"github.com/laminar-ws/laminar/frame"
)

// way is how the server and its clients compress.
type way struct {
	name        string
	compression string // the server's flag
	bits        int
	client      *deflate.Options
}

var (
	message  = &deflate.Options{Threshold: 1}
	takeover = &deflate.Options{Threshold: 1, ContextTakeover: true}
)

var ways = []way{
	{"off", "off", 0, nil},
	{"message", "message", 0, message},
	{"takeover, 8 bits", "takeover", 8, takeover},
	{"takeover, 10 bits", "takeover", 10, takeover},
	{"takeover, 12 bits", "takeover", 12, takeover},
	{"takeover, 15 bits", "takeover", 15, takeover},
	{"dedicated", "dedicated", 15, takeover},
}

func main() {
	conns := flag.Int("conns", 10000, "connections")
	messages := flag.Int("messages", 40, "messages per connection")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *conns, *messages, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "memory:", err)
		os.Exit(1)
	}
}

// run measures every way and writes a table to w.
func run(ctx context.Context, conns, messages int, w io.Writer) error {
	dir, err := os.MkdirTemp("", "memory")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := program.Build(ctx, dir, "server/laminar"); err != nil {
		return err
	}
	fmt.Fprintf(w, "%d messages on each connection; bytes per connection\n\n%-18s %11s %9s %9s %9s\n", messages, "compression", "connections", "resident", "heap", "stack")
	for _, way := range ways {
		n := conns
		if way.compression == "dedicated" {
			n = (n + 9) / 10 // the machine's memory else
		}
		m, err := way.measure(ctx, filepath.Join(dir, "laminar"), n, messages)
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		fmt.Fprintf(w, "%-18s %11d %9d %9d %9d\n", way.name, n, m.Resident, m.Heap, m.Stack)
	}
	return nil
}

// measure returns what a server holds per connection.
func (w way) measure(ctx context.Context, server string, n, messages int) (m report.Memory, err error) {
	p, err := program.Start(ctx, -1, server, "-mode", "events", "-compression", w.compression, "-window-bits", strconv.Itoa(w.bits))
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	docs := wire.Documents(1024, messages)
	var conns []*conn.Conn
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	open := func(n int) error {
		from := len(conns)
		for range n {
			c, err := client.Dial(ctx, "ws://"+p.Addr+"/", &client.Options{Compression: w.client})
			if err != nil {
				return err
			}
			conns = append(conns, c)
		}
		return exchange(ctx, conns[from:], docs)
	}
	if err := open(1); err != nil { // what the server takes once is not the connections'
		return m, err
	}
	base, err := ask(ctx, p)
	if err != nil {
		return m, err
	}
	if err := open(n); err != nil {
		return m, err
	}
	all, err := ask(ctx, p)
	return all.PerConn(base, n), err
}

// exchange has each connection echo all docs, some connections at a time.
func exchange(ctx context.Context, conns []*conn.Conn, docs [][]byte) error {
	const atOnce = 16
	var wg sync.WaitGroup
	errs := make([]error, atOnce)
	for i := range atOnce {
		wg.Go(func() {
			for at := i; at < len(conns) && errs[i] == nil; at += atOnce {
				for _, doc := range docs {
					if errs[i] = echo(ctx, conns[at], doc); errs[i] != nil {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func echo(ctx context.Context, c *conn.Conn, doc []byte) error {
	if err := c.Write(ctx, frame.Text, doc); err != nil {
		return err
	}
	m, err := c.Read(ctx)
	if err == nil && string(m.Data) != string(doc) {
		err = errors.New("memory: an echo is not what was sent")
	}
	return err
}

// ask asks the server what it holds.
func ask(ctx context.Context, p *program.Process) (m report.Memory, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+"/memory", nil)
	if err != nil {
		return m, err
	}
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return m, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, err
}

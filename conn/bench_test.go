package conn_test

import (
	"io"
	"strconv"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// benchSizes are message lengths in bytes: one that is copied beside its header, and one that is not.
var benchSizes = []int{128, 1 << 10, 64 << 10}

// benchmarked runs a benchmark for a pipe and a socket, and for messages of each size.
func benchmarked(b *testing.B, f func(b *testing.B, client, server *conn.Conn, p []byte)) {
	for _, l := range []link{pipeLink, tcpLink} {
		for _, size := range benchSizes {
			b.Run("over="+l.name+"/size="+strconv.Itoa(size), func(b *testing.B) {
				client, server := l.pair(b, nil)
				b.SetBytes(2 * int64(size)) // there and back
				b.ReportAllocs()
				f(b, client, server, make([]byte, size))
			})
		}
	}
}

// BenchmarkRead sends a message and its echo, each read with Read.
func BenchmarkRead(b *testing.B) {
	benchmarked(b, func(b *testing.B, client, server *conn.Conn, p []byte) {
		if len(p) > 16<<10 { // more than a direction holds: the echo needs a goroutine of its own
			echoed := inBackground(func() error { return echoReads(server) })
			for b.Loop() {
				must(b, client.Write(t0, frame.Binary, p))
				_, err := client.Read(t0)
				must(b, err)
			}
			client.Close()
			echoed()
			return
		}
		for b.Loop() {
			must(b, client.Write(t0, frame.Binary, p))
			m, err := server.Read(t0)
			must(b, err)
			must(b, server.Write(t0, m.Op, m.Data))
			_, err = client.Read(t0)
			must(b, err)
		}
	})
}

// echoReads answers with Read and Write until the connection ends.
func echoReads(c *conn.Conn) error {
	for {
		m, err := c.Read(t0)
		if err != nil {
			return err
		}
		if err := c.Write(t0, m.Op, m.Data); err != nil {
			return err
		}
	}
}

// BenchmarkServe sends a message and its echo, which OnMessage writes.
func BenchmarkServe(b *testing.B) {
	benchmarked(b, func(b *testing.B, client, server *conn.Conn, p []byte) {
		served := inBackground(func() error { return server.Serve(t0, echoEvents) })
		for b.Loop() {
			must(b, client.Write(t0, frame.Binary, p))
			_, err := client.Read(t0)
			must(b, err)
		}
		client.Close()
		served()
	})
}

var echoEvents = &conn.Events{OnMessage: func(c *conn.Conn, m conn.Message) { c.Write(t0, m.Op, m.Data) }}

// BenchmarkServe_pipelined keeps 64 messages in flight.
func BenchmarkServe_pipelined(b *testing.B) {
	benchmarked(b, func(b *testing.B, client, server *conn.Conn, p []byte) {
		served := inBackground(func() error { return server.Serve(t0, echoEvents) })
		flight := make(chan struct{}, 64)
		read := inBackground(func() error {
			for range flight {
				if _, err := client.Read(t0); err != nil {
					return err
				}
			}
			return nil
		})
		for b.Loop() {
			flight <- struct{}{}
			must(b, client.Write(t0, frame.Binary, p))
		}
		close(flight)
		must(b, read())
		client.Close()
		served()
	})
}

// BenchmarkStream sends a message through NextWriter and NextReader, and its echo back.
func BenchmarkStream(b *testing.B) {
	benchmarked(b, func(b *testing.B, client, server *conn.Conn, p []byte) {
		served := inBackground(func() error {
			buf := make([]byte, len(p))
			for {
				if err := receiveStream(server, buf); err != nil {
					return err
				}
				if err := sendStream(server, buf); err != nil {
					return err
				}
			}
		})
		buf := make([]byte, len(p))
		for b.Loop() {
			must(b, sendStream(client, p))
			must(b, receiveStream(client, buf))
		}
		client.Close()
		served()
	})
}

func sendStream(c *conn.Conn, p []byte) error {
	w, err := c.NextWriter(t0, frame.Binary)
	if err != nil {
		return err
	}
	if _, err := w.Write(p); err != nil {
		return err
	}
	return w.Close()
}

// receiveStream reads a message of buf's length, and its end.
func receiveStream(c *conn.Conn, buf []byte) error {
	_, r, err := c.NextReader(t0)
	if err != nil {
		return err
	}
	if _, err := io.ReadFull(r, buf); err != nil {
		return err
	}
	if _, err := r.Read(buf); err != io.EOF {
		return err
	}
	return nil
}

func must(b *testing.B, err error) {
	if err != nil {
		b.Fatal(err)
	}
}

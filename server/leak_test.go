package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/server"
)

// descriptors returns how many files and sockets the process has open, where that is known.
func descriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// After a thousand connections, ended in many ways, and a Shutdown, goroutines and descriptors are what they were.
func TestServer_leavesNothing(t *testing.T) {
	forModes(t, func(t *testing.T, m mode) {
		t.Run("plain", func(t *testing.T) { leavesNothing(t, m, 1000, "") })
		t.Run("TLS", func(t *testing.T) { leavesNothing(t, m, 300, overTLS) })
	})
}

func leavesNothing(t *testing.T, m mode, n int, scheme string) {
	cfg := tlsConfig(t)
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	s := m.echo(&server.Server{Handler: page, TLSConfig: cfg})
	l := listen(t)
	served := make(chan error, 1)
	go func() {
		if scheme == overTLS {
			served <- s.ServeTLS(l, "", "")
		} else {
			served <- s.Serve(l)
		}
	}()
	endings := []struct {
		send   string
		answer bool // there is one, or an end, without more from the client
	}{
		{"", false},
		{request("")[:30], false},
		{request("Origin: http://evil.example\r\n"), true},
		{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
		{request(""), true},
		{request("") + masked(0x81, "hi"), true},
		{request("") + masked(0x88, "\x03\xe8"), true},
		{request("") + "\x81\x02hi", true}, // not masked
		{request("") + "\x81\xfe\xff", true},
		{"\r\n\r\n", true},
	}
	open := make(chan struct{}, 50)
	var clients sync.WaitGroup
	for i := range n {
		open <- struct{}{}
		clients.Go(func() {
			defer func() { <-open }()
			nc, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			p := newPeer(nc)
			if scheme == overTLS && i%20 > 0 { // some do not speak it
				p = newPeer(tls.Client(nc, &tls.Config{InsecureSkipVerify: true}))
			}
			defer p.Close()
			ending := endings[i%len(endings)]
			p.send(ending.send)
			switch i / len(endings) % 3 {
			case 0:
				nc.(*net.TCPConn).SetLinger(0) // a reset
			case 1:
				if ending.answer {
					if _, err := p.r.ReadByte(); errors.Is(err, os.ErrDeadlineExceeded) {
						t.Errorf("no answer to %q", ending.send)
					}
				}
			}
		})
	}
	clients.Wait()
	left := connect(t, scheme+l.Addr().String())
	left.send(request(""))
	left.upgraded(t)
	go func() {
		io.ReadFull(left.r, make([]byte, 4))
		left.send(masked(0x88, "\x03\xe9"))
		left.Close()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > goroutines || descriptors(t) > files {
		select {
		case <-tick.C:
		case <-ctx.Done():
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d descriptors; before %d, %d\n%s", runtime.NumGoroutine(), descriptors(t), goroutines, files,
				stacks[:runtime.Stack(stacks, true)])
		}
	}
}

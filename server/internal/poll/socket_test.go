//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"bytes"
	"io"
	"reflect"
	"syscall"
	"testing"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// named gives the errors that Read and Write must know short names.
var named = map[string]error{
	"":           nil,
	"EOF":        io.EOF,
	"ErrAgain":   poll.ErrAgain,
	"EPIPE":      syscall.EPIPE,
	"ECONNRESET": syscall.ECONNRESET,
	"EBADF":      syscall.EBADF,
}

// checkRead checks that Read comes to nothing but the error that want names.
func checkRead(t *testing.T, fd int, want string) {
	t.Helper()
	var n int
	var err error
	if want == "ErrAgain" {
		n, err = poll.Read(fd, make([]byte, 10))
	} else {
		n, err = readable(t, fd, make([]byte, 10))
	}
	if n != 0 || err != named[want] {
		t.Errorf("Read: %d, %v; want 0, %v", n, err, named[want])
	}
}

func TestRead_errors(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind func(testing.TB) (x, y int)
		do   func(t *testing.T, x, y int) // then y is read
		want string
	}{
		{"nothing yet", pair, func(t *testing.T, x, y int) {}, "ErrAgain"},
		{"nothing yet, TCP", tcpPair, func(t *testing.T, x, y int) {}, "ErrAgain"},
		{"peer half-closed", tcpPair, func(t *testing.T, x, y int) { must(t, poll.CloseWrite(x)) }, "EOF"},
		{"shut down", tcpPair, func(t *testing.T, x, y int) { must(t, poll.Shutdown(y)) }, "EOF"},
		{"reset", tcpPair, func(t *testing.T, x, y int) { reset(t, x) }, "ECONNRESET"},
		{"no descriptor", func(testing.TB) (x, y int) { return -1, -1 }, func(t *testing.T, x, y int) {}, "EBADF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, y := tt.kind(t)
			tt.do(t, x, y)
			checkRead(t, y, tt.want)
		})
	}
}

// reset closes fd so that its peer finds a connection that was reset.
func reset(t *testing.T, fd int) {
	t.Helper()
	must(t, syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}))
	closeNow(t, fd)
}

func TestWrite_errors(t *testing.T) {
	p := []byte("a little")
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, x, y int) // then y is written to
		want string
	}{
		{"full", func(t *testing.T, x, y int) { fill(t, y) }, "ErrAgain"},
		{"half-closed by us", func(t *testing.T, x, y int) { must(t, poll.CloseWrite(y)) }, "EPIPE"},
		{"shut down", func(t *testing.T, x, y int) { must(t, poll.Shutdown(y)) }, "EPIPE"},
		{"peer shut down", func(t *testing.T, x, y int) { must(t, poll.Shutdown(x)) }, "EPIPE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, y := pair(t)
			tt.do(t, x, y)
			if n, err := poll.Write(y, p); n != 0 || err != named[tt.want] {
				t.Errorf("Write: %d, %v; want 0, %v", n, err, named[tt.want])
			}
			if n, err := poll.Writev(y, p, p); n != 0 || err != named[tt.want] {
				t.Errorf("Writev: %d, %v; want 0, %v", n, err, named[tt.want])
			}
		})
	}
}

// TestEmpty passes slices without bytes, which must neither look like the end of the stream nor be written.
func TestEmpty(t *testing.T) {
	x, y := pair(t)
	if n, err := poll.Read(y, nil); n != 0 || err != nil {
		t.Errorf("Read of nothing: %d, %v; want 0, nil", n, err)
	}
	if n, err := poll.Write(x, nil); n != 0 || err != nil {
		t.Errorf("Write of nothing: %d, %v; want 0, nil", n, err)
	}
	if n, err := poll.Writev(x, nil, nil); n != 0 || err != nil {
		t.Errorf("Writev of nothing: %d, %v; want 0, nil", n, err)
	}
	checkRead(t, y, "ErrAgain")
}

// TestTransfer moves bytes of every length around the limits that the code knows, in both ways of writing, and reads them with
// this package and with package syscall.
func TestTransfer(t *testing.T) {
	const limit = 64 << 10 // up to it, on Linux, calls are raw
	data := make([]byte, limit+1000)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	writers := map[string]func(fd int, p []byte) (int, error){
		"Write":          poll.Write,
		"Writev":         func(fd int, p []byte) (int, error) { return poll.Writev(fd, p[:len(p)/3], p[len(p)/3:]) },
		"Writev, no a":   func(fd int, p []byte) (int, error) { return poll.Writev(fd, nil, p) },
		"Writev, no b":   func(fd int, p []byte) (int, error) { return poll.Writev(fd, p, nil) },
		"Writev, a byte": func(fd int, p []byte) (int, error) { return poll.Writev(fd, p[:1], p[1:]) },
	}
	readers := map[string]func(fd int, p []byte) (int, error){"Read": poll.Read, "syscall.Read": syscall.Read}
	for wname, write := range writers {
		for rname, read := range readers {
			t.Run(wname+"/"+rname, func(t *testing.T) {
				x, y := pair(t)
				buf := make([]byte, len(data))
				for _, size := range []int{1, 2, 100, 4096, limit - 1, limit, limit + 1, limit + 1000} {
					if n, err := write(x, data[:size]); n != size || err != nil {
						t.Fatalf("writing %d: %d, %v", size, n, err)
					}
					got := 0
					for got < size {
						n, err := read(y, buf[got:])
						if err != nil {
							t.Fatalf("reading at %d of %d: %v", got, size, err)
						}
						got += n
					}
					if !bytes.Equal(buf[:got], data[:size]) {
						t.Fatalf("%d bytes came through as %d others", size, got)
					}
				}
			})
		}
	}
}

// TestWritev_partial writes two parts to a socket with ever less room, so that each is cut somewhere; whatever n says was
// written is what comes out, in order.
func TestWritev_partial(t *testing.T) {
	a := bytes.Repeat([]byte("0123456789"), 20_000)
	b := bytes.Repeat([]byte("abcdefghij"), 20_000)
	both := append(bytes.Clone(a), b...)
	cut := [3]int{} // in a, between, in b
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for leave := 0; leave < len(both); leave += 16_000 {
				x, y := kind.pair(t)
				capacity := fill(t, y)
				drain(t, x, min(leave, capacity))
				n, err := poll.Writev(y, a, b)
				if n == len(both) && err == nil {
					continue // TCP may find room for all of it
				}
				if err != poll.ErrAgain || n >= len(both) {
					t.Fatalf("Writev: %d, %v; want less than %d, ErrAgain", n, err, len(both))
				}
				switch {
				case n < len(a):
					cut[0]++
				case n == len(a):
					cut[1]++
				default:
					cut[2]++
				}
				drain(t, x, capacity-min(leave, capacity))
				got := make([]byte, n)
				for have := 0; have < n; {
					m, err := readable(t, x, got[have:])
					must(t, err)
					have += m
				}
				if !bytes.Equal(got, both[:n]) {
					t.Fatalf("the %d bytes that were taken came through changed", n)
				}
				checkRead(t, x, "ErrAgain")
			}
		})
	}
	if cut[0] == 0 || cut[2] == 0 {
		t.Errorf("cut in a, between, and in b: %v times; want each but the second", cut)
	}
}

func TestAccept(t *testing.T) {
	l, addr := listener(t)
	if fd, _, err := poll.Accept(l); fd != -1 || err != poll.ErrAgain {
		t.Fatalf("Accept: %d, %v; want -1, ErrAgain", fd, err)
	}
	c := connect(t, addr)
	fd, from, err := poll.Accept(l)
	must(t, err)
	defer poll.Close(fd)
	if its, err := syscall.Getsockname(c); err != nil || !reflect.DeepEqual(from, its) {
		t.Errorf("Accept says that %v has connected; want %v, %v", from, its, err)
	}
	checkRead(t, fd, "ErrAgain") // and does not wait
	checkCloseOnExec(t, fd)
	_, err = poll.Write(c, []byte("hello"))
	must(t, err)
	drain(t, fd, 5)
	if fd, _, err := poll.Accept(c); fd != -1 || err != syscall.EINVAL {
		t.Errorf("Accept of a connection: %d, %v; want -1, EINVAL", fd, err)
	}
}

func TestDup(t *testing.T) {
	x, y := pair(t)
	z, err := poll.Dup(y)
	must(t, err)
	checkCloseOnExec(t, z)
	checkRead(t, z, "ErrAgain") // and does not wait
	must(t, poll.Close(z))
	_, err = poll.Write(x, []byte("hello"))
	must(t, err)
	drain(t, y, 5)
	if fd, err := poll.Dup(z); fd != -1 || err != syscall.EBADF {
		t.Errorf("Dup of what is closed: %d, %v; want -1, EBADF", fd, err)
	}
	if err := poll.Close(z); err != syscall.EBADF {
		t.Errorf("Close of what is closed: %v; want EBADF", err)
	}
}

func checkCloseOnExec(t *testing.T, fd int) {
	t.Helper()
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
	if errno != 0 || flags&syscall.FD_CLOEXEC == 0 {
		t.Errorf("descriptor %d has flags %#x (%v); want FD_CLOEXEC", fd, flags, errno)
	}
}

// TestShutdown_gone shuts down what the peer has reset: an error, and no more.
func TestShutdown_gone(t *testing.T) {
	x, y := tcpPair(t)
	reset(t, x)
	checkRead(t, y, "ECONNRESET")
	if err := poll.Shutdown(y); err != syscall.ENOTCONN {
		t.Errorf("Shutdown: %v; want ENOTCONN", err)
	}
	if err := poll.CloseWrite(y); err != syscall.ENOTCONN {
		t.Errorf("CloseWrite: %v; want ENOTCONN", err)
	}
}

func TestSocket_allocations(t *testing.T) {
	x, y := pair(t)
	a, b := make([]byte, 10), make([]byte, 100)
	got := testing.AllocsPerRun(200, func() {
		poll.Write(x, b)
		poll.Writev(x, a, b)
		poll.Read(y, b)
		poll.Read(y, b)
		poll.Read(y, b)
		poll.Read(y, b)  // ErrAgain
		poll.Read(-1, b) // another error
	})
	if got != 0 {
		t.Errorf("%v allocations in a round; want 0", got)
	}
}

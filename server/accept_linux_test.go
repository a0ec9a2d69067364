package server_test

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/server"
)

// With no descriptor left, a server on loops does not accept, does not spin and does not stop: it goes on when there are some again.
func TestLoops_tooManyFiles(t *testing.T) {
	forLoops(t, func(t *testing.T, m mode) {
		if !alone(t) {
			return
		}
		_, addr := start(t, m.echo(&server.Server{}))
		before := open(t, addr)
		target, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		nc, restore := lastDescriptor(t, target)
		defer restore()
		defer nc.Close()
		p := newPeer(nc)
		p.send(request("") + masked(0x81, "late"))
		var used [2]syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &used[0])
		p.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		if b, err := p.r.ReadByte(); !os.IsTimeout(err) {
			t.Errorf("got %q, %v while there are no descriptors", b, err)
		}
		syscall.Getrusage(syscall.RUSAGE_SELF, &used[1])
		if spent := time.Duration(used[1].Utime.Nano() + used[1].Stime.Nano() - used[0].Utime.Nano() - used[0].Stime.Nano()); spent > 150*time.Millisecond {
			t.Errorf("spent %v of processor time in 300 ms of nothing to do", spent)
		}
		before.send(masked(0x81, "hi"))
		before.wants(t, "\x81\x02hi")
		restore()
		p = &peer{p.Conn, newPeer(nc).r}
		p.upgraded(t)
		p.wants(t, "\x81\x04late")
		open(t, addr)
	})
}

// alone runs t in a process of its own, whose descriptors no other test has a part in, and reports whether this is that process.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "LAMINAR_TEST_ALONE"
	if os.Getenv(variable) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	cmd.Env = append(os.Environ(), variable+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// lastDescriptor connects to addr and leaves the process without a descriptor more, until restore is called.
func lastDescriptor(t *testing.T, addr *net.TCPAddr) (nc *net.TCPConn, restore func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	var filler []*os.File
	restore = sync.OnceFunc(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Error(err)
		}
		for _, f := range filler {
			f.Close()
		}
	})
	lowest, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	low := limit
	low.Cur = uint64(lowest.Fd()) + 1
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	lowest.Close()
	if nc, err = net.DialTCP("tcp", nil, addr); err != nil {
		restore()
		t.Fatal(err)
	}
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			return nc, restore
		}
		filler = append(filler, f)
	}
}

// Sockets have the options that package net gives them, those that came before Serve was called, too.
func TestLoops_socketOptions(t *testing.T) {
	ours := make(chan map[string]int, 2)
	s := &server.Server{Loops: 1, Events: &conn.Events{OnOpen: func(c *conn.Conn) {
		raw, err := c.NetConn().(syscall.Conn).SyscallConn()
		if err != nil {
			t.Error(err)
			return
		}
		ours <- options(t, raw)
	}}}
	l := listen(t)
	early := connect(t, l.Addr().String())
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	early.send(request(""))
	early.upgraded(t)
	first := <-ours
	open(t, l.Addr().String())
	second := <-ours // Close might come before OnOpen
	s.Close()
	<-served

	l = listen(t)
	defer l.Close()
	connect(t, l.Addr().String())
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	raw, err := nc.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	want := options(t, raw)
	for which, got := range map[string]map[string]int{"early": first, "late": second} {
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s connection: %s is %d; want %d", which, name, got[name], want[name])
			}
		}
	}
}

func options(t *testing.T, raw syscall.RawConn) map[string]int {
	values := make(map[string]int)
	for name, o := range map[string]struct{ level, option int }{
		"TCP_NODELAY":   {syscall.IPPROTO_TCP, syscall.TCP_NODELAY},
		"SO_KEEPALIVE":  {syscall.SOL_SOCKET, syscall.SO_KEEPALIVE},
		"TCP_KEEPIDLE":  {syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE},
		"TCP_KEEPINTVL": {syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL},
		"TCP_KEEPCNT":   {syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT},
	} {
		if err := raw.Control(func(fd uintptr) {
			v, err := syscall.GetsockoptInt(int(fd), o.level, o.option)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			values[name] = v
		}); err != nil {
			t.Error(err)
		}
	}
	return values
}

package announce

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestListen(t *testing.T) {
	var out strings.Builder
	ln, err := Listen("127.0.0.1:0", &out)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	addr, ok := strings.CutPrefix(out.String(), "listening on ")
	if !ok || strings.TrimSuffix(addr, "\n") != ln.Addr().String() {
		t.Fatalf("printed %q; want the address %v", out.String(), ln.Addr())
	}
	c, err := net.Dial("tcp", strings.TrimSpace(addr))
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestListen_errors(t *testing.T) {
	if _, err := Listen("127.0.0.1:0", full{}); !errors.Is(err, errFull) {
		t.Errorf("error %v; want that of the writer", err)
	}
	if _, err := Listen("127.0.0.1:none", &strings.Builder{}); err == nil {
		t.Error("listened on a port that is none")
	}
}

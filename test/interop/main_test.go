package interop

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// patience bounds each wait for a program. It is no measure of speed: nothing here comes near it.
const patience = 30 * time.Second

var (
	echoPath   = flag.String("echo", "", "the built examples/echo")
	clientPath = flag.String("client", "", "the built examples/client")
)

var passed, failed atomic.Int64

func TestMain(m *testing.M) {
	flag.Parse()
	if *echoPath == "" || *clientPath == "" {
		fmt.Println("interop: skipped; test/interop/run.sh installs the peers and runs these tests")
		return
	}
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	payloads.dir = dir
	status := m.Run()
	os.RemoveAll(dir)
	fmt.Printf("%d passed, %d failed\n", passed.Load(), failed.Load())
	os.Exit(status)
}

// check runs f as a subtest that counts in the summary.
func check(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		defer func() {
			if t.Failed() {
				failed.Add(1)
			} else {
				passed.Add(1)
			}
		}()
		f(t)
	})
}

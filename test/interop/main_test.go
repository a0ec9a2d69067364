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
const patience = 2 * time.Minute

// The directories have echo, client and echoclient. Race builds also poison buffers that went back to their pool, so that a stale slice shows as a
// wrong echo, but take several times as long to compress; what makes many megabytes of it has the others.
var (
	raced = flag.String("raced", "", "`directory` of laminar's programs, built with the race detector")
	plain = flag.String("plain", "", "`directory` of the same, built without")
)

var passed, failed atomic.Int64

func TestMain(m *testing.M) {
	flag.Parse()
	if *raced == "" || *plain == "" {
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

package main

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// TestMain fails the package when a test has left a goroutine behind. Those that are about to end are waited for.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	tick := time.NewTicker(5 * time.Millisecond)
	giveUp := time.After(10 * time.Second)
	for code == 0 && runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-giveUp:
			stacks := make([]byte, 1<<20)
			fmt.Fprintf(os.Stderr, "tests left goroutines behind:\n\n%s\n", stacks[:runtime.Stack(stacks, true)])
			code = 1
		}
	}
	os.Exit(code)
}

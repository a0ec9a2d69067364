package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain is main itself where TestMain_flags asks for it. Else it fails the package when a test has left a goroutine behind. Those that are about to end are waited for.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv("LAMINAR_CLIENT_ARGS"); ok { // TestMain_flags
		os.Args = append(os.Args[:1], strings.FieldsFunc(args, func(r rune) bool { return r == '\n' })...)
		flag.CommandLine = flag.NewFlagSet("client", flag.ExitOnError)
		main()
		os.Exit(0)
	}
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

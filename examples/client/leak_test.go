package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/internal/leaktest"
)

// TestMain is main itself where TestMain_flags asks for it. Else it fails the package when a test has left a goroutine behind. Those that are about to end are waited for.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv("LAMINAR_CLIENT_ARGS"); ok { // TestMain_flags
		os.Args = append(os.Args[:1], strings.FieldsFunc(args, func(r rune) bool { return r == '\n' })...)
		flag.CommandLine = flag.NewFlagSet("client", flag.ExitOnError)
		main()
		os.Exit(0)
	}
	os.Exit(leaktest.Main(m))
}

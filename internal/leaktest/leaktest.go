// Package leaktest fails the tests of a package that leave goroutines behind.
package leaktest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Main runs the tests and returns the status to exit with, which is 1 when one of them has left a goroutine behind. Those that are about
// to end are waited for. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }
func Main(m *testing.M) int {
	before := Goroutines()
	status := m.Run()
	if left := LeftBehind(before); status == 0 && len(left) > 0 {
		fmt.Fprintf(os.Stderr, "tests left %d goroutines behind:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		return 1
	}
	return status
}

// LeftBehind returns the stacks of the goroutines that are not in before and do not end within 10 seconds.
func LeftBehind(before map[string]string) []string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	giveUp := time.After(10 * time.Second)
	for {
		var left []string
		for id, stack := range Goroutines() {
			if _, old := before[id]; !old && !strings.Contains(stack, "os/signal.loop") {
				left = append(left, stack)
			}
		}
		if len(left) == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-giveUp:
			return left
		}
	}
}

// Goroutines returns the stacks of all goroutines but the caller's, by "goroutine N".
func Goroutines() map[string]string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	all := make(map[string]string)
	for _, stack := range strings.Split(string(buf), "\n\n")[1:] {
		id, _, _ := strings.Cut(stack, " [")
		all[id] = stack
	}
	return all
}

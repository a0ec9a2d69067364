package conn_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails the package when a test has left a goroutine behind. Those that are about to end are waited for.
func TestMain(m *testing.M) {
	before := goroutines()
	code := m.Run()
	if left := leftBehind(before); code == 0 && len(left) > 0 {
		fmt.Fprintf(os.Stderr, "tests left %d goroutines behind:\n\n%s\n", len(left), strings.Join(left, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

// leftBehind returns the stacks of the goroutines that are not in before and do not end within 10 seconds.
func leftBehind(before map[string]string) []string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	giveUp := time.After(10 * time.Second)
	for {
		var left []string
		for id, stack := range goroutines() {
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

// goroutines returns the stacks of all goroutines but the caller's, by "goroutine N".
func goroutines() map[string]string {
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

func TestLeftBehind(t *testing.T) {
	before := goroutines()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		<-stop
		close(ended)
	}()
	if id := newGoroutine(before); id == "" {
		t.Error("a new goroutine is not seen")
	}
	close(stop)
	<-ended
	if left := leftBehind(before); left != nil {
		t.Errorf("goroutines %q left; want none", left)
	}
}

// newGoroutine returns one that is not in before, or "".
func newGoroutine(before map[string]string) string {
	for id := range goroutines() {
		if _, old := before[id]; !old {
			return id
		}
	}
	return ""
}

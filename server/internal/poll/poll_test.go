//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"os"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/internal/leaktest"
	"github.com/laminar-ws/laminar/server/internal/poll"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// TestPoller_wakeBeforeWait wakes a poller on which nobody waits: the next Wait returns at once, and only that.
func TestPoller_wakeBeforeWait(t *testing.T) {
	p := newPoller(t)
	events := make([]poll.Event, 4)
	for range 3 {
		must(t, p.Wake())
		must(t, p.Wake())
		if n, err := p.Wait(events, -1); n != 0 || err != nil {
			t.Fatalf("Wait after Wake: %d, %v; want 0, nil", n, err)
		}
		start := time.Now()
		if n, err := p.Wait(events, 10*time.Millisecond); n != 0 || err != nil {
			t.Fatalf("Wait: %d, %v; want 0, nil", n, err)
		}
		if d := time.Since(start); d < 10*time.Millisecond {
			t.Fatalf("Wait of 10 ms returned after %v", d)
		}
	}
}

package poll_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// TestPoller_inKernel runs what waits once more, with pollers that do so in the kernel.
func TestPoller_inKernel(t *testing.T) {
	prepare = (*poll.Poller).WaitInKernel
	defer func() { prepare = func(*poll.Poller) {} }()
	t.Run("Wait_timeout", TestPoller_Wait_timeout)
	t.Run("shutdown_waiting", TestPoller_shutdown_waiting)
	t.Run("hangup", TestPoller_hangup)
	t.Run("wakeBeforeWait", TestPoller_wakeBeforeWait)
	t.Run("Wake_many", TestPoller_Wake_many)
	t.Run("Wake_visible", TestPoller_Wake_visible)
	t.Run("Close", TestPoller_Close)
	t.Run("allocations", TestPoller_Wait_allocations)
}

// TestPoller_parked waits with many pollers at once: none of them may hold a thread.
func TestPoller_parked(t *testing.T) {
	if !newPoller(t).Parks() {
		t.Fatal("the poller waits in the kernel")
	}
	const n = 100
	done := make(chan error, n)
	pollers := make([]*poll.Poller, n)
	for i := range pollers {
		p := newPoller(t)
		pollers[i] = p
		// Ends with the Wake below.
		go func() {
			_, err := p.Wait(make([]poll.Event, 4), -1)
			done <- err
		}()
	}
	time.Sleep(10 * time.Millisecond)
	threads, _ := runtime.ThreadCreateProfile(nil)
	if threads > n/2 {
		t.Errorf("%d threads for %d pollers", threads, n)
	}
	for _, p := range pollers {
		must(t, p.Wake())
	}
	for range pollers {
		must(t, <-done)
	}
}

// TestPoller_parked_races makes things happen at the very moment in which a goroutine parks, a great many times: none may be
// missed.
func TestPoller_parked_races(t *testing.T) {
	p, q := newPoller(t), newPoller(t)
	x, y := pair(t)
	must(t, p.Add(x, 1))
	must(t, q.Add(y, 1))
	rounds := 20_000
	if testing.Short() {
		rounds = 2000
	}
	echo := make(chan struct{})
	// Ends with the stream.
	go func() {
		defer close(echo)
		var events [4]poll.Event
		buf := make([]byte, 8)
		for {
			q.Wait(events[:], soon)
			switch n, err := poll.Read(y, buf); err {
			case nil:
				poll.Write(y, buf[:n])
			case poll.ErrAgain:
			default:
				return
			}
		}
	}()
	var events [4]poll.Event
	buf := make([]byte, 8)
	for i := range rounds {
		_, err := poll.Write(x, buf[:1+i%8])
		must(t, err)
		for start := time.Now(); ; {
			_, err := p.Wait(events[:], soon)
			must(t, err)
			if n, err := poll.Read(x, buf); n > 0 {
				break
			} else if err != poll.ErrAgain || time.Since(start) >= soon {
				t.Fatalf("round %d: %v, and no event", i, err)
			}
		}
	}
	must(t, poll.Shutdown(x))
	<-echo
}

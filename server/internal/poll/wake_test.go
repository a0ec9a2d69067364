//go:build linux || darwin || (freebsd && (amd64 || arm64 || riscv64))

package poll_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// TestPoller_wakeBeforeWait wakes a poller on which nobody waits: the next Wait returns at once, and only that.
func TestPoller_wakeBeforeWait(t *testing.T) {
	p := newPoller(t)
	var events [4]poll.Event
	for range 3 {
		must(t, p.Wake())
		must(t, p.Wake())
		if n, err := p.Wait(events[:], -1); n != 0 || err != nil {
			t.Fatalf("Wait after Wake: %d, %v; want 0, nil", n, err)
		}
		start := time.Now()
		if n, err := p.Wait(events[:], 10*time.Millisecond); n != 0 || err != nil {
			t.Fatalf("Wait: %d, %v; want 0, nil", n, err)
		}
		if took := time.Since(start); took < 10*time.Millisecond {
			t.Fatalf("Wait of 10 ms returned after %v", took)
		}
	}
}

// TestPoller_Wake_many hands work to a waiting goroutine from many others. None of it may lie about without a Wait returning.
func TestPoller_Wake_many(t *testing.T) {
	p := newPoller(t)
	const wakers, each = 8, 2000
	var mu sync.Mutex
	var queue []int // guarded by mu
	for range wakers {
		// Ends after its share of the work.
		go func() {
			for i := range each {
				mu.Lock()
				queue = append(queue, i)
				mu.Unlock()
				if err := p.Wake(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	var events [4]poll.Event
	for got := 0; got < wakers*each; {
		start := time.Now()
		if n, err := p.Wait(events[:], soon); n != 0 || err != nil {
			t.Fatalf("Wait: %d, %v; want 0, nil", n, err)
		}
		if time.Since(start) >= soon {
			t.Fatalf("%d of %d came and then no Wait returned", got, wakers*each)
		}
		mu.Lock()
		got += len(queue)
		queue = queue[:0]
		mu.Unlock()
	}
}

// TestPoller_Wake_visible writes without a lock, wakes, and reads after Wait; the race detector judges.
func TestPoller_Wake_visible(t *testing.T) {
	p := newPoller(t)
	var events [4]poll.Event
	for i := range 500 {
		word := 0
		// Ends at once.
		go func() {
			word = i + 1
			p.Wake()
		}()
		_, err := p.Wait(events[:], soon)
		must(t, err)
		if word != i+1 {
			t.Fatalf("what was written before Wake is %d after Wait; want %d", word, i+1)
		}
	}
}

// TestPoller_Close ends a Wait and makes an error of everything else.
func TestPoller_Close(t *testing.T) {
	for _, tt := range []struct {
		name  string
		woken bool
		busy  bool
	}{
		{"waiting", false, false},
		{"woken before", true, false},
		{"with wakers", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPoller(t)
			_, y := pair(t)
			must(t, p.Add(y, 1))
			if tt.woken {
				must(t, p.Wake())
			}
			var others sync.WaitGroup
			others.Go(func() {
				var events [4]poll.Event
				for {
					if _, err := p.Wait(events[:], -1); err != nil {
						if err != poll.ErrClosed {
							t.Errorf("Wait: %v; want ErrClosed", err)
						}
						return
					}
				}
			})
			if tt.busy {
				for range 4 {
					others.Go(func() {
						for p.Wake() == nil && p.Remove(y) != poll.ErrClosed {
							p.Add(y, 1)
						}
					})
				}
			}
			time.Sleep(2 * time.Millisecond)
			must(t, p.Close())
			others.Wait()
			_, waited := p.Wait(make([]poll.Event, 1), -1)
			for what, err := range map[string]error{
				"Add": p.Add(y, 2), "AddListener": p.AddListener(y, 2), "Remove": p.Remove(y), "Wait": waited, "Close": p.Close(),
			} {
				if !errors.Is(err, poll.ErrClosed) {
					t.Errorf("%s after Close: %v; want ErrClosed", what, err)
				}
			}
			if err := p.Wake(); err != nil && err != poll.ErrClosed {
				t.Errorf("Wake after Close: %v; want ErrClosed or nil", err)
			}
		})
	}
}

package conn_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// TestDriver_fasterThanOneWrite: messages that are added while the transport takes others are not held against the peer, which reads all.
func TestDriver_fasterThanOneWrite(t *testing.T) {
	for _, policy := range []conn.QueueFull{conn.FullClose, conn.FullError, conn.FullDropNewest, conn.FullDropOldest} {
		x := overWire(t, frame.Server, &conn.Options{WriteQueue: 10_000, WhenFull: policy}, nil, -1)
		message := strings.Repeat("m", 1000)
		began, release := make(chan struct{}), make(chan struct{})
		first := true
		x.w.mu.Lock()
		x.w.taken = func([]byte, int) {
			if first {
				first = false
				close(began)
				<-release
			}
		}
		x.w.mu.Unlock()
		done := make(chan error, 2)
		go func() { done <- x.c.Write(t0, frame.Text, []byte(message)) }()
		<-began
		go func() {
			for range 500 {
				if err := x.c.Write(t0, frame.Text, []byte(message)); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		for x.c.Buffered() < 64<<10+7_000 {
			runtime.Gosched() // what may wait beside the queue, and the queue
		}
		close(release)
		for range 2 {
			if err := <-done; err != nil {
				t.Errorf("policy %d: %v", policy, err)
			}
		}
		for x.c.Buffered() > 0 {
			runtime.Gosched()
		}
		if got, _ := x.arrived(); len(got) != 501 || x.c.Dropped() != 0 {
			t.Errorf("policy %d: %d messages arrive, %d were dropped; want 501", policy, len(got), x.c.Dropped())
		}
	}
}

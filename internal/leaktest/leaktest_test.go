package leaktest

import "testing"

func TestLeftBehind(t *testing.T) {
	before := Goroutines()
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
	if left := LeftBehind(before); left != nil {
		t.Errorf("goroutines %q left; want none", left)
	}
}

// newGoroutine returns one that is not in before, or "".
func newGoroutine(before map[string]string) string {
	for id := range Goroutines() {
		if _, old := before[id]; !old {
			return id
		}
	}
	return ""
}

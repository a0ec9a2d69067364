package bufpool_test

import (
	"math"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
)

func TestClassSize_bounds(t *testing.T) {
	if got := bufpool.ClassSize(0); got != 64 {
		t.Errorf("the smallest class has %d bytes; want 64", got)
	}
	if got := bufpool.ClassSize(bufpool.Classes - 1); got != 1<<20 {
		t.Errorf("the largest class has %d bytes; want 1 MiB", got)
	}
}

// TestClassOf_everySize asks for each size that is pooled: the class must hold it, and the class below must not.
func TestClassOf_everySize(t *testing.T) {
	for n := range bufpool.MaxSize + 1 {
		c := bufpool.ClassOf(n)
		if c < 0 || c >= bufpool.Classes || bufpool.ClassSize(c) < n {
			t.Fatalf("ClassOf(%d) = %d, which does not hold it", n, c)
		}
		if c > 0 && bufpool.ClassSize(c-1) >= n {
			t.Fatalf("ClassOf(%d) = %d; want a smaller class", n, c)
		}
	}
}

func TestBigSize(t *testing.T) {
	for _, tt := range []struct{ n, want int }{
		{1<<20 + 1, 1<<20 + 8192},
		{1<<20 + 8192, 1<<20 + 8192},
		{1<<20 + 8193, 1<<20 + 2*8192},
		{math.MaxInt, math.MaxInt}, // for make to refuse
	} {
		if got := bufpool.BigSize(tt.n); got != tt.want {
			t.Errorf("bigSize(%d) = %d; want %d", tt.n, got, tt.want)
		}
	}
}

package report

import (
	"math"
	"slices"
	"testing"
)

func TestSpreadOf(t *testing.T) {
	tests := []struct {
		in    []float64
		want  Spread
		width float64
	}{
		{nil, Spread{}, 0},
		{[]float64{4}, Spread{4, 4, 4}, 0},
		{[]float64{9, 1, 5}, Spread{5, 1, 9}, 1.6},
		{[]float64{4, 1, 3, 2}, Spread{2.5, 1, 4}, 1.2},
	}
	for _, tt := range tests {
		in := slices.Clone(tt.in)
		got := SpreadOf(in)
		if got != tt.want {
			t.Errorf("SpreadOf(%v) = %+v; want %+v", tt.in, got, tt.want)
		}
		if math.Abs(got.Width()-tt.width) > 1e-12 {
			t.Errorf("SpreadOf(%v).Width() = %v; want %v", tt.in, got.Width(), tt.width)
		}
		if !slices.Equal(in, tt.in) {
			t.Errorf("SpreadOf changed its argument from %v to %v", tt.in, in)
		}
	}
}

package report

import "slices"

// Spread is how the values of several rounds lie.
type Spread struct {
	Median, Min, Max float64
}

// SpreadOf returns the spread of values, the zero Spread where there are none. The median of an even number
// is the mean of the middle two. It does not change values.
func SpreadOf(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	median := v[mid]
	if len(v)%2 == 0 {
		median = (v[mid-1] + v[mid]) / 2
	}
	return Spread{Median: median, Min: v[0], Max: v[len(v)-1]}
}

// Width returns how far apart the extremes are, as a fraction of the median.
func (s Spread) Width() float64 { return ratio(s.Max-s.Min, s.Median) }

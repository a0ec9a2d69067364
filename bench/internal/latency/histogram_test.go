package latency

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBucket_boundsHoldEveryValue(t *testing.T) {
	var values []uint64
	for shift := range 63 {
		v := uint64(1) << shift
		values = append(values, v-1, v, v+1, v+v/3)
	}
	for _, v := range append(values, math.MaxInt64) {
		i := bucket(v)
		if i < 0 || i >= buckets {
			t.Fatalf("bucket(%d) = %d; want 0 to %d", v, i, buckets-1)
		}
		top := uint64(upper(i))
		if top < v || top-v > v/perOctave {
			t.Errorf("upper(bucket(%d)) = %d; want within 1/%d above", v, top, perOctave)
		}
		if bucket(top) != i {
			t.Errorf("bucket(%d) = %d; want %d, of which it is the largest value", top, bucket(top), i)
		}
		if i+1 < buckets && top < math.MaxInt64 && bucket(top+1) != i+1 {
			t.Errorf("bucket(%d) = %d; want %d", top+1, bucket(top+1), i+1)
		}
	}
}

func TestHistogram_quantilesAgainstSorted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var whole, a, b Histogram
	var sorted []time.Duration
	for i := range 10_000 {
		d := time.Duration(math.Exp(rng.NormFloat64()+12)) * time.Nanosecond
		sorted = append(sorted, d)
		whole.Record(d)
		if i%2 == 0 {
			a.Record(d)
		} else {
			b.Record(d)
		}
	}
	slices.Sort(sorted)
	a.Merge(&b)
	if a != whole {
		t.Error("two halves merged differ from the whole")
	}
	if whole.Count() != 10_000 || whole.Max() != sorted[len(sorted)-1] {
		t.Errorf("Count %d, Max %v; want 10000, %v", whole.Count(), whole.Max(), sorted[len(sorted)-1])
	}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 1} {
		want := sorted[int(math.Ceil(q*10_000))-1]
		if got := whole.Quantile(q); got < want || got-want > want/perOctave {
			t.Errorf("Quantile(%v) = %v; want %v to 1/%d above", q, got, want, perOctave)
		}
	}
}

func TestHistogram_edges(t *testing.T) {
	var h Histogram
	if h.Quantile(0.5) != 0 || h.Max() != 0 || h.Count() != 0 {
		t.Errorf("empty: Quantile %v, Max %v, Count %d; want zeros", h.Quantile(0.5), h.Max(), h.Count())
	}
	h.Record(-time.Second)
	if h.Quantile(1) != 0 || h.Count() != 1 {
		t.Errorf("after a negative duration: Quantile %v, Count %d; want 0, 1", h.Quantile(1), h.Count())
	}
	h.Record(math.MaxInt64)
	if h.Quantile(0) != 0 || h.Quantile(1) != math.MaxInt64 {
		t.Errorf("Quantile(0) = %v, Quantile(1) = %v; want 0 and the longest Duration", h.Quantile(0), h.Quantile(1))
	}
}

func BenchmarkHistogram_Record(b *testing.B) {
	var h Histogram
	b.ReportAllocs()
	d := time.Microsecond
	for b.Loop() {
		h.Record(d)
		d += 17
	}
}

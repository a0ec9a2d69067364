// Package latency counts round-trip times in a histogram of fixed size.
//
// Values fall in buckets at most 1/64 of their value wide, so that a quantile is at most 1.6 % above
// the value it stands for, from one nanosecond to centuries, and recording allocates nothing.
package latency

import (
	"math"
	"math/bits"
	"time"
)

// subBits is how many bits of a value below its highest one choose its bucket.
const subBits = 6

const (
	perOctave = 1 << subBits
	buckets   = perOctave * (64 - subBits)
)

// Histogram counts durations. The zero value is empty and ready. It is for one goroutine at a time.
type Histogram struct {
	counts [buckets]uint64
	total  uint64
	max    time.Duration
}

// Record counts d; a negative one, from a clock that was set back, counts as zero.
func (h *Histogram) Record(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.total++
	h.max = max(h.max, d)
}

// Merge adds what o counted to h.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
	h.max = max(h.max, o.max)
}

// Count returns how many durations were recorded.
func (h *Histogram) Count() uint64 { return h.total }

// Max returns the longest duration recorded, exactly, and 0 for an empty histogram.
func (h *Histogram) Max() time.Duration { return h.max }

// Quantile returns a duration that the fraction q of those recorded did not exceed, q from 0 to 1, and
// 0 for an empty histogram. It is never above Max.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := uint64(math.Ceil(q * float64(h.total)))
	var seen uint64
	for i, n := range h.counts {
		if seen += n; n > 0 && seen >= rank {
			return min(upper(i), h.max)
		}
	}
	return h.max
}

// bucket returns the index for v: values below perOctave have a bucket each, and every power of two above is cut
// in perOctave equal parts.
func bucket(v uint64) int {
	if v < perOctave {
		return int(v)
	}
	shift := bits.Len64(v) - 1 - subBits
	return shift*perOctave + int(v>>shift)
}

// upper returns the largest value of bucket i.
func upper(i int) time.Duration {
	if i < perOctave {
		return time.Duration(i)
	}
	shift := i/perOctave - 1
	return time.Duration(uint64(perOctave+i%perOctave+1)<<shift - 1)
}

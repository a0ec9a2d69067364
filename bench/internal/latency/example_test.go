package latency_test

import (
	"fmt"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/latency"
)

func ExampleHistogram() {
	var h latency.Histogram
	for i := range 100 {
		h.Record(time.Duration(i) * time.Nanosecond)
	}
	fmt.Println(h.Count(), h.Quantile(0.5), h.Max())
	// Output: 100 49ns 99ns
}

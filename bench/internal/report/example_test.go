package report_test

import (
	"fmt"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

func ExampleResult() {
	r := report.Result{Elapsed: 2 * time.Second, Messages: 400_000, ServerCPU: time.Second, ServerWrites: 10_000}
	fmt.Printf("%.0f messages/s, %.0f per second of CPU, %.1f µs each, %.0f per write\n",
		r.Rate(), r.PerCPUSecond(), r.CPUPerMessage(), r.PerWrite())
	// Output: 200000 messages/s, 400000 per second of CPU, 2.5 µs each, 40 per write
}

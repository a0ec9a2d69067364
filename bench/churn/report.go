//go:build linux

package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// write writes what came of the run to w.
func (o outcome) write(w io.Writer, opts options) error {
	made := o.visits.made()
	fmt.Fprintf(w, "server      mode %s", opts.mode)
	if opts.mode == "loop" {
		fmt.Fprintf(w, ", %d loops, %d workers", opts.loops, opts.workers)
	}
	fmt.Fprintf(w, "\nchurned     %d connections in %v, %.0f a second\n", made, o.took.Round(time.Millisecond), float64(made)/o.took.Seconds())
	for i, c := range o.visits.counts {
		fmt.Fprintf(w, "            %-15s %7d, %d failed\n", kinds[i].name, c.made, c.failed)
	}
	r, l := o.steady, &o.steady.Latency
	fmt.Fprintf(w, "steady      %d connections, %d messages sent, %d echoed as they were\n", opts.steady, r.Sent, r.Echoed)
	fmt.Fprintf(w, "errors      %d lost, %d crossed, %d wrong, %d connections ended\n", r.Lost, r.Crossed, r.Wrong, r.Ended)
	fmt.Fprintf(w, "round trip  p50 %v, p99 %v, p99.9 %v, max %v\n", l.Quantile(0.5), l.Quantile(0.99), l.Quantile(0.999), l.Max())
	fmt.Fprintf(w, "client      sent %v after the time at most\n\n", r.Late.Round(time.Microsecond))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "server at\tdescriptors\tresident KiB\theap KiB\tstack KiB\t")
	for _, s := range o.samples {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t\n", s.at, s.descriptors, s.memory.Resident>>10, s.memory.Heap>>10, s.memory.Stack>>10)
	}
	return tw.Flush()
}

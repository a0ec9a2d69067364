//go:build linux

package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

// write writes a table to w: a line without the sleeper and one with it.
func write(w io.Writer, o options, alone, beside []figures) error {
	fmt.Fprintf(w, "mode %s", o.mode)
	if o.mode == "loop" {
		fmt.Fprintf(w, ", %d loops, %d workers", o.loops, o.workers)
	}
	fmt.Fprintf(w, "; %d connections, %d messages a second together; medians of %d runs of %v, and the extremes of the worst delay\n\n", o.conns, o.rate, o.rounds, o.duration)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "sleeper\tmessages\tsleeps\tp50\tp99\tmax\tleast max\tgreatest max\tclient late\t")
	for _, line := range []struct {
		name string
		runs []figures
	}{{"no", alone}, {"yes", beside}} {
		spread := func(figure func(figures) time.Duration) report.Spread {
			var values []float64
			for _, f := range line.runs {
				values = append(values, float64(figure(f)))
			}
			return report.SpreadOf(values)
		}
		var messages int64
		sleeps := 0
		for _, f := range line.runs {
			messages, sleeps = messages+f.messages, sleeps+f.sleeps
		}
		worst := spread(func(f figures) time.Duration { return f.max })
		fmt.Fprintf(tw, "%s\t%d\t%d\t%v\t%v\t%v\t%v\t%v\t%v\t\n", line.name, messages, sleeps,
			rounded(spread(func(f figures) time.Duration { return f.p50 }).Median),
			rounded(spread(func(f figures) time.Duration { return f.p99 }).Median),
			rounded(worst.Median), rounded(worst.Min), rounded(worst.Max),
			rounded(spread(func(f figures) time.Duration { return f.late }).Max))
	}
	return tw.Flush()
}

func rounded(ns float64) time.Duration { return time.Duration(ns).Round(time.Microsecond) }

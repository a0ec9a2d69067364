package report

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Run is one Result with the place it has in a comparison.
type Run struct {
	Scenario string `json:"scenario"`
	Server   string `json:"server"`
	Round    int    `json:"round"` // runs of one round stand side by side in time
	Result
}

// quiet is the share of the time that a run may be disturbed without a warning: a first choice, not yet held against
// what a run on idle cores shows.
const quiet = 0.1

// WriteTable writes the runs of one scenario to w as a table: a line per server, in the order in which they first
// appear, with medians over the rounds. Ratios are of messages per second of server CPU, taken to base within each round,
// before their median: what slowed a whole round down is then in both. Where base has no run in a round, there is no ratio for it.
// Runs that were disturbed are in the table like the others; a line below it tells how many there are.
func WriteTable(w io.Writer, scenario, base string, runs []Run) error {
	runs = slices.DeleteFunc(slices.Clone(runs), func(r Run) bool { return r.Scenario != scenario })
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "server\trounds\tmsg/s\tmsg/CPU s\tspread\tratio to %s\tCPU µs/msg\tmsg/read\tmsg/write\tidle B/conn\tbusy B/conn\tserver busy\tload busy\tdisturbed\t", base)
	compressed := slices.ContainsFunc(runs, func(r Run) bool { return r.Compression != "" })
	if compressed {
		fmt.Fprint(tw, "recv B/msg\tsent B/msg\t")
	}
	timed := slices.ContainsFunc(runs, func(r Run) bool { return r.Latency != nil })
	if timed {
		fmt.Fprint(tw, "p50\tp99\tp99.9\tmax\t")
	}
	fmt.Fprintln(tw)
	for _, server := range servers(runs) {
		mine := slices.DeleteFunc(slices.Clone(runs), func(r Run) bool { return r.Server != server })
		writeLine(tw, server, mine, ratios(mine, base, runs), compressed, timed)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	disturbed := 0
	for _, r := range runs {
		if r.Disturbed() > quiet {
			disturbed++
		}
	}
	if disturbed == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%d of %d runs were disturbed for more than %.0f%% of the time: measure again on cores that nothing else uses.\n",
		disturbed, len(runs), 100*quiet)
	return err
}

func writeLine(w io.Writer, server string, runs []Run, ratios []float64, compressed, timed bool) {
	median := func(figure func(Result) float64) float64 { return of(runs, figure).Median }
	perCPU := of(runs, Result.PerCPUSecond)
	fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.0f%%\t", server, len(runs), median(Result.Rate), perCPU.Median, 100*perCPU.Width())
	if r := SpreadOf(ratios); len(ratios) > 0 {
		fmt.Fprintf(w, "%.2f [%.2f, %.2f]\t", r.Median, r.Min, r.Max)
	} else {
		fmt.Fprint(w, "-\t")
	}
	fmt.Fprintf(w, "%.3f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f%%\t%.0f%%\t%.0f%%\t",
		median(Result.CPUPerMessage), median(Result.PerRead), median(Result.PerWrite), median(Result.IdlePerConn), median(Result.BusyPerConn),
		100*median(Result.ServerBusy), 100*median(Result.LoadBusy), 100*of(runs, Result.Disturbed).Max)
	if compressed {
		fmt.Fprintf(w, "%.0f\t%.0f\t", median(Result.ReceivedPerMessage), median(Result.SentPerMessage))
	}
	if timed {
		for _, quantile := range []func(Latency) time.Duration{
			func(l Latency) time.Duration { return l.P50 },
			func(l Latency) time.Duration { return l.P99 },
			func(l Latency) time.Duration { return l.P999 },
			func(l Latency) time.Duration { return l.Max },
		} {
			d := median(func(r Result) float64 {
				if r.Latency == nil {
					return 0
				}
				return float64(quantile(*r.Latency))
			})
			fmt.Fprintf(w, "%v\t", time.Duration(d).Round(time.Microsecond))
		}
	}
	fmt.Fprintln(w)
}

// of returns the spread of a figure over runs.
func of(runs []Run, figure func(Result) float64) Spread {
	var values []float64
	for _, r := range runs {
		values = append(values, figure(r.Result))
	}
	return SpreadOf(values)
}

// servers returns the names in runs, each once, in order of appearance.
func servers(runs []Run) (names []string) {
	for _, r := range runs {
		if !slices.Contains(names, r.Server) {
			names = append(names, r.Server)
		}
	}
	return names
}

// ratios returns, for each of the runs mine whose round has a run of base, how many times base's messages per second of CPU it reached.
func ratios(mine []Run, base string, all []Run) (values []float64) {
	for _, m := range mine {
		i := slices.IndexFunc(all, func(r Run) bool { return r.Round == m.Round && r.Server == base })
		if i >= 0 && all[i].PerCPUSecond() > 0 {
			values = append(values, m.PerCPUSecond()/all[i].PerCPUSecond())
		}
	}
	return values
}

// Package report turns what one run measured into the figures that are compared, and several runs of several
// servers into a table of medians, spreads and ratios.
package report

import "time"

// Result is what one run of one server measured. The server's figures are those of the measured time alone, without the
// warm-up; they are zero where the server's process was not known. Durations are nanoseconds in JSON.
type Result struct {
	Conns    int `json:"conns"`
	InFlight int `json:"in_flight"` // messages each connection keeps under way
	Size     int `json:"size"`      // payload bytes per message, uncompressed

	Compression string `json:"compression,omitempty"` // "message" or "takeover"; "" for none

	Elapsed  time.Duration `json:"elapsed_ns"` // measured, without the warm-up
	Messages int64         `json:"messages"`   // echoed while measuring
	Total    int64         `json:"total"`      // echoed by these connections in all, warm-up included

	ServerCPU    time.Duration `json:"server_cpu_ns"`
	ServerUser   time.Duration `json:"server_user_ns"`   // to 10 ms
	ServerSystem time.Duration `json:"server_system_ns"` // to 10 ms
	ServerWaited time.Duration `json:"server_waited_ns"` // ready to run, without a processor
	ServerReads  int64         `json:"server_reads"`     // read system calls
	ServerWrites int64         `json:"server_writes"`    // write system calls
	LoadCPU      time.Duration `json:"load_cpu_ns"`
	LoadWaited   time.Duration `json:"load_waited_ns"`

	ReceivedBytes int64 `json:"received_bytes,omitempty"` // payload the server received, as compressed; 0 without compression
	SentBytes     int64 `json:"sent_bytes,omitempty"`     // payload the server sent, likewise

	BaseMemory int64 `json:"base_memory"` // bytes resident before the connections
	IdleMemory int64 `json:"idle_memory"` // with all connections open, none of which has sent a message
	BusyMemory int64 `json:"busy_memory"` // at the end of the measured time

	Latency *Latency `json:"latency,omitempty"` // nil unless one message was in flight per connection
}

// Latency holds quantiles of the round-trip time, from before the write of a message to after the read that completed its
// echo. In a closed loop, where each connection waits for its echo before it sends again, they say how long a
// turn takes at full load, not how long a request would wait at a load below it.
type Latency struct {
	P50  time.Duration `json:"p50_ns"`
	P90  time.Duration `json:"p90_ns"`
	P99  time.Duration `json:"p99_ns"`
	P999 time.Duration `json:"p999_ns"`
	Max  time.Duration `json:"max_ns"`
}

// Rate returns messages per second.
func (r Result) Rate() float64 { return ratio(float64(r.Messages), r.Elapsed.Seconds()) }

// PerCPUSecond returns messages per second of the server's processor time: the figure to compare servers by, since it does not
// depend on how fast the load generator is.
func (r Result) PerCPUSecond() float64 { return ratio(float64(r.Messages), r.ServerCPU.Seconds()) }

// CPUPerMessage returns the server's processor time per message, in microseconds.
func (r Result) CPUPerMessage() float64 {
	return ratio(float64(r.ServerCPU)/float64(time.Microsecond), float64(r.Messages))
}

// PerWrite returns messages per write system call of the server.
func (r Result) PerWrite() float64 { return ratio(float64(r.Messages), float64(r.ServerWrites)) }

// PerRead returns messages per read system call of the server.
func (r Result) PerRead() float64 { return ratio(float64(r.Messages), float64(r.ServerReads)) }

// ReceivedPerMessage returns how many bytes of payload each message had that the server received, if they were compressed.
func (r Result) ReceivedPerMessage() float64 {
	return ratio(float64(r.ReceivedBytes), float64(r.Messages))
}

// SentPerMessage returns how many bytes of payload each echo had, if they were compressed: what the server's compressor saved.
func (r Result) SentPerMessage() float64 { return ratio(float64(r.SentBytes), float64(r.Messages)) }

// IdlePerConn returns the resident bytes that each idle connection added to the server.
func (r Result) IdlePerConn() float64 {
	return ratio(float64(r.IdleMemory-r.BaseMemory), float64(r.Conns))
}

// BusyPerConn returns the resident bytes that each connection added to the server under load.
func (r Result) BusyPerConn() float64 {
	return ratio(float64(r.BusyMemory-r.BaseMemory), float64(r.Conns))
}

// ServerBusy returns the share of the measured time that the server had a processor; 1 is one core.
func (r Result) ServerBusy() float64 { return ratio(float64(r.ServerCPU), float64(r.Elapsed)) }

// LoadBusy returns the same of the load generator.
func (r Result) LoadBusy() float64 { return ratio(float64(r.LoadCPU), float64(r.Elapsed)) }

// Disturbed returns the larger of the shares of the measured time that the server and the load generator were ready to run and had no
// processor. Waiting is summed over threads, and can pass 1.
// Their own threads wait for each other too; beyond that, other programs ran on those cores.
func (r Result) Disturbed() float64 {
	return ratio(float64(max(r.ServerWaited, r.LoadWaited)), float64(r.Elapsed))
}

// ratio returns a/b, and 0 where there is nothing to divide by.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

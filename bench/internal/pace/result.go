//go:build linux

package pace

import (
	"errors"
	"fmt"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/latency"
)

// Result is what came of the messages of one Run.
type Result struct {
	Sent    int64 // messages
	Echoed  int64 // of them, as they were and in order
	Lost    int64 // their echo did not come, or a later one came before it
	Crossed int64 // echoes of another connection's messages
	Wrong   int64 // echoes of messages that were never sent, or come twice, or are no message
	Ended   int64 // connections that ended; what was under way on them is Lost

	Latency latency.Histogram // from before the write of a message to after the read that completed its echo
	Late    time.Duration     // how far the sending fell behind its schedule at most: about 1 ms, unless this process had no core

	first []error // the first of what went wrong
}

// firstErrors is how many errors a Result keeps.
const firstErrors = 5

// note keeps err as one of the first errors.
func (r *Result) note(err error) {
	if len(r.first) < firstErrors {
		r.first = append(r.first, err)
	}
}

// Err returns nil where every message was echoed, as it was and on its own connection, and else how many were not, with the first of the reasons.
func (r *Result) Err() error {
	if r.Lost == 0 && r.Crossed == 0 && r.Wrong == 0 && r.Ended == 0 && r.Echoed == r.Sent {
		return nil
	}
	err := fmt.Errorf("pace: of %d messages %d were echoed: %d lost, %d crossed, %d wrong, %d connections ended",
		r.Sent, r.Echoed, r.Lost, r.Crossed, r.Wrong, r.Ended)
	return errors.Join(append([]error{err}, r.first...)...)
}

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"runtime/debug"
	"runtime/metrics"

	"github.com/laminar-ws/laminar/bench/internal/process"
	"github.com/laminar-ws/laminar/bench/internal/report"
)

// tellMemory answers with a report.Memory of this process, after all garbage was collected and given back, which takes a moment
// from the connections; with ?as-is, without that, and the heap includes the garbage.
func tellMemory(w http.ResponseWriter, r *http.Request) {
	if !r.URL.Query().Has("as-is") {
		for range 3 { // pools keep what they hold for two collections
			debug.FreeOSMemory()
		}
	}
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	m := report.Memory{Heap: int64(samples[0].Value.Uint64()), Stack: int64(samples[1].Value.Uint64())}
	var err error
	if m.Resident, err = process.Resident(os.Getpid()); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(m)
}

package report_test

import (
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/report"
)

func TestMemory_PerConn(t *testing.T) {
	m := report.Memory{Resident: 5000, Heap: 3000, Stack: 2100}
	got := m.PerConn(report.Memory{Resident: 1000, Heap: 1000, Stack: 100}, 10)
	if want := (report.Memory{Resident: 400, Heap: 200, Stack: 200}); got != want {
		t.Errorf("got %+v; want %+v", got, want)
	}
}

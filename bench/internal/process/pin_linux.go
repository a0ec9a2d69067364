package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// Pin keeps this process on one core: the threads it has, and with them those that they start. Programs that are started later are
// kept there too.
func Pin(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	tasks, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		return fmt.Errorf("process: %w", err)
	}
	for _, name := range tasks {
		tid, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			return fmt.Errorf("process: %w", err)
		}
		if err := unix.SchedSetaffinity(tid, &set); err != nil && err != unix.ESRCH { // a thread that ended needs no core
			return fmt.Errorf("process: core %d: %w", cpu, os.NewSyscallError("sched_setaffinity", err))
		}
	}
	return nil
}

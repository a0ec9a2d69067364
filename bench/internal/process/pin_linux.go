package process

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Pin keeps this process on one core: the threads it has, and with them those that they start. Programs that are started later are
// kept there too. GOMAXPROCS stays as it is, where Go's runtime would follow the number of cores: a goroutine that waits in the kernel, for epoll(7),
// keeps its share of the scheduler for a while, and with one share the others would stand still.
func Pin(cpu int) error {
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
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

package process

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Usage is what a process has used since it started, all its threads together.
type Usage struct {
	CPU          time.Duration // on a processor, user and system
	User, System time.Duration // the same, apart, to 10 ms
	Waited       time.Duration // ready to run, without a processor
	ReadCalls    int64         // read system calls
	WriteCalls   int64         // write system calls
}

// Sub returns what was used between earlier and u.
func (u Usage) Sub(earlier Usage) Usage {
	return Usage{
		CPU:        u.CPU - earlier.CPU,
		User:       u.User - earlier.User,
		System:     u.System - earlier.System,
		Waited:     u.Waited - earlier.Waited,
		ReadCalls:  u.ReadCalls - earlier.ReadCalls,
		WriteCalls: u.WriteCalls - earlier.WriteCalls,
	}
}

// Of returns what the process pid has used until now. It fails where the process is gone, or not ours to look at.
func Of(pid int) (Usage, error) {
	var u Usage
	var err error
	if u.CPU, err = cpu(pid); err != nil {
		return Usage{}, err
	}
	if u.User, u.System, err = split(pid); err != nil {
		return Usage{}, err
	}
	if u.Waited, err = waited(pid); err != nil {
		return Usage{}, err
	}
	if u.ReadCalls, u.WriteCalls, err = calls(pid); err != nil {
		return Usage{}, err
	}
	return u, nil
}

// schedClock in the low bits of a clock id asks for the scheduler's own clock of a process (CPUCLOCK_SCHED in
// linux/posix-timers.h); the bits above are the process id's complement.
const schedClock = 2

func cpu(pid int) (time.Duration, error) {
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err != nil {
		return 0, fmt.Errorf("process: CPU clock of %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/PID/stat: USER_HZ, 100 a second on every architecture Go runs on.
const tick = 10 * time.Millisecond

func read(pid int, name string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
	if err != nil {
		return nil, fmt.Errorf("process: %w", err)
	}
	return b, nil
}

// split returns the user and system time in /proc/PID/stat.
func split(pid int) (user, system time.Duration, err error) {
	b, err := read(pid, "stat")
	if err != nil {
		return 0, 0, err
	}
	return parseStat(b)
}

// parseStat takes utime and stime, the 14th and 15th fields. The second field is a name that may hold
// spaces and parentheses, so counting starts behind the last of these.
func parseStat(b []byte) (user, system time.Duration, err error) {
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	const utime, stime = 14 - 3, 15 - 3
	if len(fields) <= stime {
		return 0, 0, fmt.Errorf("process: stat has %d fields behind the name", len(fields))
	}
	u, err := strconv.ParseInt(fields[utime], 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("process: stat: %w", err)
	}
	s, err := strconv.ParseInt(fields[stime], 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("process: stat: %w", err)
	}
	return time.Duration(u) * tick, time.Duration(s) * tick, nil
}

// waited adds up the waiting of all threads there are; one that ended takes its share along.
func waited(pid int) (time.Duration, error) {
	tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "schedstat"))
	if err != nil {
		return 0, fmt.Errorf("process: %w", err)
	}
	var sum time.Duration
	for _, name := range tasks {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return 0, fmt.Errorf("process: %w", err)
		}
		fields := strings.Fields(string(b))
		if len(fields) < 2 {
			return 0, fmt.Errorf("process: schedstat holds %q", b)
		}
		ns, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("process: schedstat: %w", err)
		}
		sum += time.Duration(ns)
	}
	return sum, nil
}

func calls(pid int) (reads, writes int64, err error) {
	b, err := read(pid, "io")
	if err != nil {
		return 0, 0, err
	}
	if reads, err = value(b, "syscr"); err != nil {
		return 0, 0, err
	}
	writes, err = value(b, "syscw")
	return reads, writes, err
}

// Resident returns how many bytes of memory the process pid has resident.
func Resident(pid int) (int64, error) {
	b, err := read(pid, "smaps_rollup")
	if err != nil {
		return 0, err
	}
	kib, err := value(b, "Rss")
	return kib << 10, err
}

// value returns the number of the line "name: number" in a file of such lines.
func value(b []byte, name string) (int64, error) {
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			break
		}
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("process: %s: %w", name, err)
		}
		return n, nil
	}
	return 0, fmt.Errorf("process: no number under %s", name)
}

package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Descriptors returns how many descriptors the process pid has open: files, sockets and whatever else there is.
func Descriptors(pid int) (int, error) {
	d, err := os.Open(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
	if err != nil {
		return 0, fmt.Errorf("process: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return 0, fmt.Errorf("process: %w", err)
	}
	if pid == os.Getpid() {
		return len(names) - 1, nil // without the directory that was just read
	}
	return len(names), nil
}

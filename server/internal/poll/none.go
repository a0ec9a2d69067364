//go:build !(linux || darwin || (freebsd && (amd64 || arm64 || riscv64)))

package poll

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// Supported says whether this system has a poller. It has none.
const Supported = false

var errNone = fmt.Errorf("poll: no poller for %s/%s: %w", runtime.GOOS, runtime.GOARCH, errors.ErrUnsupported)

// A Poller cannot be had on this system. All methods and functions here return an error that wraps errors.ErrUnsupported.
type Poller struct{}

// New fails.
func New() (*Poller, error) { return nil, errNone }

// Add fails.
func (p *Poller) Add(fd int, id uint64) error { return errNone }

// AddListener fails.
func (p *Poller) AddListener(fd int, id uint64) error { return errNone }

// Remove fails.
func (p *Poller) Remove(fd int) error { return errNone }

// Wait fails.
func (p *Poller) Wait(events []Event, timeout time.Duration) (n int, err error) { return 0, errNone }

// Wake fails.
func (p *Poller) Wake() error { return errNone }

// Close fails.
func (p *Poller) Close() error { return errNone }

// Read fails.
func Read(fd int, p []byte) (n int, err error) { return 0, errNone }

// Write fails.
func Write(fd int, p []byte) (n int, err error) { return 0, errNone }

// Writev fails.
func Writev(fd int, a, b []byte) (n int, err error) { return 0, errNone }

// Accept fails.
func Accept(fd int) (nfd int, from syscall.Sockaddr, err error) { return -1, nil, errNone }

// Dup fails.
func Dup(fd int) (nfd int, err error) { return -1, errNone }

// CloseWrite fails.
func CloseWrite(fd int) error { return errNone }

// Shutdown fails.
func Shutdown(fd int) error { return errNone }

// Close fails.
func Close(fd int) error { return errNone }

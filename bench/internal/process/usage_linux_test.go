package process

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestOf_countsOurOwnWork(t *testing.T) {
	before, err := Of(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(t.TempDir() + "/f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const writes = 100
	for range writes {
		if _, err := f.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	const work = 60 * time.Millisecond
	for {
		now, err := Of(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		used := now.Sub(before)
		if used.CPU < work {
			continue
		}
		if used.WriteCalls < writes {
			t.Errorf("%d write calls after %d", used.WriteCalls, writes)
		}
		if used.ReadCalls == 0 {
			t.Error("no read calls, after reading /proc")
		}
		if used.Waited < 0 || used.User < 0 || used.System < 0 {
			t.Errorf("went backwards: %+v", used)
		}
		// The kernel keeps user and system together equal to the clock, but each reading is a moment apart.
		if sum := used.User + used.System; sum < used.CPU-5*tick || sum > used.CPU+5*tick {
			t.Errorf("user %v and system %v; want %v together, to five ticks", used.User, used.System, used.CPU)
		}
		return
	}
}

func TestOf_anotherProcess(t *testing.T) {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Once it has copied a byte, it has run.
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	u, err := Of(cmd.Process.Pid)
	if err != nil || u.CPU <= 0 {
		t.Errorf("Of(a child) = %+v, %v; want some CPU time and no error", u, err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if u, err := Of(cmd.Process.Pid); err == nil {
		t.Errorf("Of(an ended process) = %+v, nil; want an error", u)
	}
	if n, err := Resident(cmd.Process.Pid); err == nil {
		t.Errorf("Resident(an ended process) = %d, nil; want an error", n)
	}
}

func TestResident_growsWithTouchedPages(t *testing.T) {
	before, err := Resident(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	const size = 64 << 20
	b := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		b[i] = 1
	}
	after, err := Resident(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if grown := after - before; grown < size/2 {
		t.Errorf("resident memory grew by %d bytes after %d were touched", grown, size)
	}
	runtime.KeepAlive(b)
}

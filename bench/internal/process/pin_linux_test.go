package process

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The test pins a process of its own: this one has other tests to run.
func TestPin(t *testing.T) {
	if os.Getenv("PIN") != "" {
		if err := Pin(0); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "\nCpus_allowed_list:\t0\n") {
			t.Errorf("not on core 0 alone:\n%s", b)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPin$")
	cmd.Env = append(os.Environ(), "PIN=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestPin_noSuchCore(t *testing.T) {
	if err := Pin(1000); err == nil {
		t.Error("pinned to core 1000")
	}
}

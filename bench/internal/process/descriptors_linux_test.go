package process

import (
	"os"
	"os/exec"
	"testing"
)

func TestDescriptors(t *testing.T) {
	before, err := Descriptors(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		f, err := os.Open("/dev/null")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
	}
	if after, err := Descriptors(os.Getpid()); after != before+3 || err != nil {
		t.Errorf("Descriptors = %d, %v after 3 files were opened; want %d", after, err, before+3)
	}
}

func TestDescriptors_anotherProcess(t *testing.T) {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if n, err := Descriptors(cmd.Process.Pid); n < 3 || err != nil {
		t.Errorf("Descriptors(a child) = %d, %v; want at least standard input, output and error", n, err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if n, err := Descriptors(cmd.Process.Pid); err == nil {
		t.Errorf("Descriptors(an ended process) = %d; want an error", n)
	}
}

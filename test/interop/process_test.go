package interop

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// A process is a running program, whose output is read line by line.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   chan string   // lines of standard output; closed at its end
	err   chan string   // lines of standard error; closed at its end
	done  chan struct{} // closed when the program has ended
	mu    sync.Mutex    // guards notes
	notes []string      // the lines of standard error again, for the log of a failed test
}

// start runs a program until it ends or t does; by then it must have ended by itself or been killed.
func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	p := &process{
		name: name,
		cmd:  exec.Command(name, args...),
		out:  make(chan string, 16),
		err:  make(chan string, 4096),
		done: make(chan struct{}),
	}
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var readers sync.WaitGroup
	readers.Go(func() { // ends with the program's output, as the next one does
		defer close(p.out)
		lines(stdout, func(line string) { p.out <- line })
	})
	readers.Go(func() {
		defer close(p.err)
		lines(stderr, func(line string) {
			p.mu.Lock()
			p.notes = append(p.notes, line)
			p.mu.Unlock()
			p.err <- line
		})
	})
	go func() { // ends when the program has
		readers.Wait()
		p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		for range p.out { // what nobody read holds the readers up
		}
		for range p.err {
		}
		<-p.done
		p.mu.Lock()
		defer p.mu.Unlock()
		if t.Failed() {
			for _, note := range p.notes {
				t.Logf("%s: %s", name, note)
			}
		}
		for _, note := range p.notes {
			if strings.Contains(note, "DATA RACE") || strings.HasPrefix(note, "panic:") {
				t.Errorf("%s: %s", name, note)
			}
		}
	})
	return p
}

// lines calls f with each line of r, without its end.
func lines(r io.Reader, f func(line string)) {
	for b := bufio.NewReader(r); ; {
		line, err := b.ReadString('\n')
		if line != "" {
			f(strings.TrimSuffix(line, "\n"))
		}
		if err != nil {
			return
		}
	}
}

// next returns the next line of from, one of p.out and p.err, or ok == false at its end.
func (p *process) next(t *testing.T, from <-chan string) (line string, ok bool) {
	t.Helper()
	select {
	case line, ok = <-from:
		return line, ok
	case <-time.After(patience):
		t.Fatalf("%s wrote no line within %v", p.name, patience)
		return "", false
	}
}

// write writes b to the program's standard input.
func (p *process) write(t *testing.T, b []byte) {
	t.Helper()
	if _, err := p.stdin.Write(b); err != nil {
		t.Fatalf("write to %s: %v", p.name, err)
	}
}

// interrupt asks the program to end, as a terminal or a supervisor does.
func (p *process) interrupt(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("interrupt %s: %v", p.name, err)
	}
}

// exit waits for the program to end and returns its exit status.
func (p *process) exit(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatalf("%s did not end within %v", p.name, patience)
		return -1
	}
}

//go:build linux

package main

import (
	"strings"
	"testing"
)

// Everything that the command does, for a handful of connections.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), 20, 40, &out); err != nil {
		t.Fatal(err)
	}
	for _, w := range ways {
		if !strings.Contains(out.String(), "\n"+w.name+" ") {
			t.Errorf("the table lacks %q:\n%s", w.name, out.String())
		}
	}
}

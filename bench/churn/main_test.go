//go:build linux

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// Everything that the command does, for 2 seconds, in each mode that is served without net/http.
func TestRun(t *testing.T) {
	for _, mode := range []string{"events", "loop", "loop -workers 2 -loops 2 -server-cpu -1"} {
		t.Run(mode, func(t *testing.T) {
			o, err := parse(strings.Fields("-server-cpu -1 -load-cpu -1 -steady 50 -rate 500 -churn 100 -most 100 -stay 200ms -duration 2s -sample 1s -mode "+mode), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := run(t.Context(), o, t.TempDir(), &out); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			for _, want := range []string{"steady      50 connections, ", "errors      0 lost, 0 crossed, 0 wrong, 0 connections ended\n", "\n      start ", "\n         1s ", "\n        end ", "clean ", "half a header ", "reset "} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("output lacks %q:\n%s", want, out.String())
				}
			}
		})
	}
}

func TestParse_refused(t *testing.T) {
	for _, args := range []string{"-steady 0", "-size 3", "-duration 0s", "-most 10000000", "more", "-nonsense"} {
		if _, err := parse(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("parse(%s) succeeded", args)
		}
	}
}

package server_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/laminar-ws/laminar/server"
)

// A table of random use holds what was put in, in slots that differ, and its memory follows what it holds.
func TestTable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var table server.Table
	held := make(map[uint32]int)
	check := func() {
		t.Helper()
		for slot, n := range held {
			if got, ok := table.At(slot); !ok || got != n {
				t.Fatalf("slot %d: got %d, %v; want %d", slot, got, ok, n)
			}
		}
		all := table.All()
		slices.Sort(all)
		if want := slices.Sorted(maps.Values(held)); !slices.Equal(all, want) {
			t.Fatalf("got %d entries; want %d", len(all), len(want))
		}
	}
	for n, growing := 0, true; n < 60_000; n++ {
		if n%10_000 == 0 {
			check()
			growing = n%20_000 == 0
		}
		if remove := random.IntN(10) < 3; remove == growing && len(held) > 0 {
			for slot := range held {
				table.Remove(slot)
				delete(held, slot)
				if _, ok := table.At(slot); ok {
					t.Fatalf("slot %d still holds something", slot)
				}
				break
			}
			continue
		}
		slot := table.Put(n)
		if have, taken := held[slot]; taken {
			t.Fatalf("slot %d, where %d is, was given out again", slot, have)
		}
		held[slot] = n
	}
	check()
	for slot := range held {
		table.Remove(slot)
	}
	if n := table.Chunks(); n != 0 {
		t.Errorf("the empty table holds %d chunks", n)
	}
	if slot := table.Put(1); slot != 0 {
		t.Errorf("the first slot of an empty table is %d", slot)
	}
}

// The lowest free slot is used first, so that a burst leaves a table that shrinks.
func TestTable_shrinks(t *testing.T) {
	var table server.Table
	for i := range 10 * server.ChunkSize {
		table.Put(i)
	}
	if n := table.Chunks(); n != 10 {
		t.Fatalf("%d chunks; want 10", n)
	}
	for slot := uint32(server.ChunkSize / 2); slot < 10*server.ChunkSize; slot++ {
		table.Remove(slot)
	}
	if n := table.Chunks(); n != 1 {
		t.Errorf("%d chunks; want 1", n)
	}
	for i := range server.ChunkSize / 2 {
		if slot := table.Put(i); slot != uint32(server.ChunkSize/2+i) {
			t.Fatalf("got slot %d; want %d", slot, server.ChunkSize/2+i)
		}
	}
	if _, ok := table.At(100 * server.ChunkSize); ok {
		t.Error("there is something beyond the table")
	}
}

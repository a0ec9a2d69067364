package poll_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/server/internal/poll"
)

// TestWheel_model compares the wheel with a list, over random operations and steps of time.
func TestWheel_model(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tick  time.Duration
		slots int
		start int64
		ahead int64 // up to how far entries lie in the future
	}{
		{"within the horizon", 10, 64, 0, 600},
		{"around the horizon", 10, 64, 1_000_000_007, 1300},
		{"far beyond", 10, 8, 5, 100_000},
		{"one slot", 7, 1, 12345, 500},
		{"slots rounded up", 7, 5, 12345, 500},
		{"below zero", 10, 16, -50_000, 2000},
		{"a tick of 1", 1, 16, 0, 100},
		{"milliseconds", 50 * time.Millisecond, 512, time.Hour.Nanoseconds(), time.Minute.Nanoseconds()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, uint64(tt.ahead)))
			w := poll.NewWheel[int](tt.tick, tt.slots)
			tick := int64(tt.tick)
			type timer struct{ at, added int64 }
			model := make(map[int]timer) // what is in
			now, number := tt.start, 0
			add := func(at int64) {
				number++
				w.Add(at, number)
				model[number] = timer{at, now}
			}
			for range 20_000 {
				switch rng.IntN(4) {
				case 0: // now and then in the past
					add(now + rng.Int64N(tt.ahead) - rng.Int64N(tt.ahead/10))
				case 1:
					now += rng.Int64N(tick * 3)
				case 2:
					now += rng.Int64N(tt.ahead / 10)
				case 3:
					if at, ok := w.Next(); ok && rng.IntN(2) == 0 {
						now = max(now, at) // exactly when it asks for
					}
				}
				if rng.IntN(3) == 0 {
					continue // who is late finds more than one tick due
				}
				inside := 0
				w.Expire(now, func(v int) {
					tm, ok := model[v]
					if !ok {
						t.Fatalf("%d came twice, or was never in", v)
					}
					if tm.at > now {
						t.Fatalf("an entry for %d came at %d", tm.at, now)
					}
					delete(model, v)
					if inside < 10 && rng.IntN(4) == 0 {
						inside++
						add(now + rng.Int64N(tt.ahead) - rng.Int64N(tt.ahead/10))
					}
				})
				first := int64(math.MaxInt64)
				for v, tm := range model {
					if due := max(tm.at, tm.added) + tick; due <= now {
						t.Fatalf("%d, for %d, added at %d, has not come at %d", v, tm.at, tm.added, now)
					}
					first = min(first, tm.at)
				}
				if w.Len() != len(model) {
					t.Fatalf("Len() is %d; want %d", w.Len(), len(model))
				}
				at, ok := w.Next()
				if ok != (len(model) > 0) {
					t.Fatalf("Next() says %v with %d entries", ok, len(model))
				}
				// Something is due at Next, and nothing is a tick before it. What was added in the past waits for the next
				// tick.
				if ok && (at < first || at >= max(first, now)+2*tick) {
					t.Fatalf("at %d Next() is %d and the first entry is for %d", now, at, first)
				}
			}
		})
	}
}

// TestWheel_Next_exact goes by Next alone: every call of Expire then finds something, and nothing is a whole tick late.
func TestWheel_Next_exact(t *testing.T) {
	const tick = 10
	w := poll.NewWheel[int64](tick, 16)
	for i := range int64(500) {
		at := i * i * 13 % 9973 // up to 60 rounds away
		w.Add(at, at)
	}
	got := 0
	for {
		now, ok := w.Next()
		if !ok {
			break
		}
		before := got
		w.Expire(now-1, func(at int64) { t.Fatalf("the entry for %d came at %d", at, now-1) })
		w.Expire(now, func(at int64) {
			got++
			if at > now || at <= now-tick {
				t.Errorf("the entry for %d came at %d", at, now)
			}
		})
		if got == before {
			t.Fatalf("nothing was due at %d", now)
		}
	}
	if got != 500 {
		t.Errorf("%d entries came; want 500", got)
	}
}

// TestWheel_Add_withinExpire adds times already past, for ever; each call of Expire must end all the same.
func TestWheel_Add_withinExpire(t *testing.T) {
	w := poll.NewWheel[int](10, 4)
	calls := 0
	w.Add(95, 0)
	for now := int64(100); now < 200; now += 10 {
		before := calls
		w.Expire(now, func(int) {
			calls++
			w.Add(now-50, 0)
			w.Expire(now, func(int) {}) // finds nothing: what is due has been taken out, and what was added is for later
		})
		if calls != before+1 {
			t.Fatalf("at %d the entry came %d times; want 1", now, calls-before)
		}
		if at, ok := w.Next(); at != now+10 || !ok {
			t.Fatalf("at %d Next() is %d, %v; want the next tick", now, at, ok)
		}
	}
}

// TestWheel_panic leaves a wheel that works.
func TestWheel_panic(t *testing.T) {
	w := poll.NewWheel[int](10, 4)
	w.Add(10, 1)
	func() {
		defer func() { recover() }()
		w.Expire(10, func(int) { panic("of the callback") })
	}()
	w.Add(10, 2)
	var got []int
	w.Expire(20, func(v int) { got = append(got, v) })
	if len(got) != 1 || got[0] != 2 || w.Len() != 0 {
		t.Errorf("then came %v, and %d are left; want [2], 0", got, w.Len())
	}
}

func TestWheel_extremes(t *testing.T) {
	for _, tick := range []time.Duration{1, 7, time.Second} {
		w := poll.NewWheel[string](tick, 8)
		if at, ok := w.Next(); at != 0 || ok {
			t.Errorf("tick %d: Next() of an empty wheel is %d, %v; want 0, false", tick, at, ok)
		}
		w.Add(math.MinInt64, "always")
		w.Add(math.MaxInt64, "never")
		var got []string
		w.Expire(0, func(v string) { got = append(got, v) })
		w.Expire(math.MaxInt64-int64(tick), func(v string) { got = append(got, v) })
		if len(got) != 1 || got[0] != "always" {
			t.Errorf("tick %d: %v came; want always", tick, got)
		}
		if at, ok := w.Next(); at != math.MaxInt64 || !ok {
			t.Errorf("tick %d: Next() is %d, %v; want the end of time", tick, at, ok)
		}
	}
	for _, tt := range []struct {
		tick  time.Duration
		slots int
	}{{0, 1}, {-1, 1}, {1, 0}, {1, -1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("NewWheel(%d, %d): no panic", tt.tick, tt.slots)
				}
			}()
			poll.NewWheel[int](tt.tick, tt.slots)
		}()
	}
}

// TestWheel_released checks that an entry that has come is not kept alive by the wheel, whether or not others stay in its slot.
func TestWheel_released(t *testing.T) {
	w := poll.NewWheel[*[64]byte](10, 1) // one slot for all
	const n = 20
	gone := make(chan int, n)
	for i := range n {
		v := new([64]byte)
		runtime.AddCleanup(v, func(i int) { gone <- i }, i)
		w.Add(int64(i+1)*10, v)
	}
	seen := 0
	for due := range n {
		w.Expire(int64(due+1)*10, func(*[64]byte) {})
		for giveUp := time.After(10 * time.Second); seen <= due; {
			runtime.GC()
			select {
			case i := <-gone:
				if i > due {
					t.Fatalf("entry %d is gone before its time", i)
				}
				seen++
			case <-time.After(5 * time.Millisecond):
			case <-giveUp:
				t.Fatalf("%d entries have come and %d of them are gone", due+1, seen)
			}
		}
	}
	runtime.KeepAlive(w)
}

// TestWheel_memory checks that a wheel that a burst has filled gives the memory back.
func TestWheel_memory(t *testing.T) {
	w := poll.NewWheel[[4]uint64](time.Millisecond, 256)
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for i := range int64(500_000) { // 20 MB
		w.Add(i*1000, [4]uint64{})
	}
	// A few stay in each slot: they must not keep the whole of it.
	for i := range int64(256) {
		w.Add(time.Hour.Nanoseconds()+i*time.Millisecond.Nanoseconds(), [4]uint64{})
	}
	full := heap()
	w.Expire(time.Minute.Nanoseconds(), func([4]uint64) {})
	after := heap()
	if full-before < 15<<20 {
		t.Fatalf("500,000 entries take %d bytes: this tests nothing", full-before)
	}
	if after-before > 1<<20 {
		t.Errorf("%d entries take %d bytes", w.Len(), after-before)
	}
	runtime.KeepAlive(w)
}

// TestWheel_allocations goes round with as many entries as slots keep room for.
func TestWheel_allocations(t *testing.T) {
	w := poll.NewWheel[int](10, 4)
	now := int64(0)
	round := func() {
		for range 100 {
			now += 10
			for i := range 8 {
				w.Add(now+20, i)
			}
			w.Expire(now, func(int) {})
		}
	}
	round()
	if got := testing.AllocsPerRun(10, round); got != 0 {
		t.Errorf("%v allocations in 100 ticks of 8 entries; want 0", got)
	}
}

// BenchmarkWheel adds an entry and expires one, with 10,000 in.
func BenchmarkWheel(b *testing.B) {
	const tick = int64(10 * time.Millisecond)
	w := poll.NewWheel[uint64](time.Duration(tick), 1024)
	now := int64(0)
	for i := range int64(10_000) {
		w.Add(i*tick/10, uint64(i))
	}
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		now += tick / 10
		w.Add(now+1000*tick, i)
		w.Expire(now, func(uint64) {})
	}
}

package poll

import (
	"math"
	"time"
)

// A Wheel tells when times have come. Time is cut into ticks and the wheel has a slot for each, as many as fit on it; what
// lies beyond goes round: it waits in its slot until its turn has come. Adding costs an append, whatever the number of
// entries.
//
//	slots   |  0  |  1  |  2  |  3  |     tick t lies in slot t mod 4
//	ticks      8     9     6     7
//	          12           10
//
// There is no way to take an entry out early. Who cancels or moves a deadline looks at what it is now when the wheel comes by,
// and adds it again if its time has not come; that is cheaper than keeping the place of an entry, if deadlines move more
// often than they pass.
//
// Times are nanoseconds on any scale that does not run backwards, always the same one. A Wheel is not safe for concurrent use,
// has no goroutine and makes no system call.
type Wheel[T any] struct {
	tick  int64
	slots []slot[T] // a power of two
	n     int
	next  int64 // the earliest tick of any entry; never if there is none
	least int64 // entries come no earlier than this tick: during Expire, the one after it
	due   []T   // of Expire: its array, empty
}

// A slot holds the entries of all ticks that are the same modulo the number of slots.
type slot[T any] struct {
	min     int64 // the earliest tick in it, or never
	entries []entry[T]
}

type entry[T any] struct {
	at int64 // in ticks
	v  T
}

const (
	never = math.MaxInt64

	// keep is up to how many entries an empty slot has room for, so that one that is filled again every time does not allocate
	// and one that a burst has filled gives the memory back.
	keep = 32
)

// NewWheel returns an empty wheel. An entry comes up to one tick late; slots, which is rounded up to a power of two, times
// tick should cover most of what is added, since what lies beyond is looked at once in every round. It panics if either is not
// positive.
func NewWheel[T any](tick time.Duration, slots int) *Wheel[T] {
	if tick <= 0 || slots <= 0 {
		panic("poll: NewWheel of nothing")
	}
	size := 1
	for size < slots {
		size *= 2
	}
	w := &Wheel[T]{tick: int64(tick), slots: make([]slot[T], size), next: never, least: math.MinInt64}
	for i := range w.slots {
		w.slots[i].min = never
	}
	return w
}

// Len returns the number of entries.
func (w *Wheel[T]) Len() int { return w.n }

// Add puts v in, for an Expire at or after the time at. A time already past is for the next Expire.
func (w *Wheel[T]) Add(at int64, v T) {
	t := at / w.tick
	if at%w.tick > 0 {
		t++ // the end of the tick that it falls in, so that it is never early
	}
	t = max(t, w.least)
	s := &w.slots[t&int64(len(w.slots)-1)]
	s.entries = append(s.entries, entry[T]{t, v})
	s.min = min(s.min, t)
	w.next = min(w.next, t)
	w.n++
}

// Next returns when Expire should be called next: then, an entry's time has come. It is the same until then unless something
// is added, and ok is false if the wheel is empty.
func (w *Wheel[T]) Next() (at int64, ok bool) {
	if w.n == 0 {
		return 0, false
	}
	if w.next > math.MaxInt64/w.tick {
		return math.MaxInt64, true
	}
	return w.next * w.tick, true
}

// Expire takes out every entry whose time has come and calls expired with each, in no particular order. It never does so
// early, and it finds every entry that was due a tick before now. expired may call Add; what it adds is for a later Expire, at
// the tick after now at the earliest. It must not call Expire.
func (w *Wheel[T]) Expire(now int64, expired func(v T)) {
	t := now / w.tick
	if now%w.tick < 0 {
		t--
	}
	if w.n == 0 || t < w.next {
		return
	}
	due := w.due // empty
	w.due = nil
	w.next = never
	for i := range w.slots {
		s := &w.slots[i]
		if s.min <= t {
			due = s.take(t, due)
		}
		w.next = min(w.next, s.min)
	}
	w.n -= len(due)

	w.least = t + 1
	for _, v := range due {
		expired(v)
	}
	w.least = math.MinInt64
	if cap(due) <= keep {
		clear(due) // or the array would keep them alive
		w.due = due[:0]
	}
}

// take moves the entries up to the tick t to the end of due, and returns that.
func (s *slot[T]) take(t int64, due []T) []T {
	left := s.entries[:0]
	s.min = never
	for _, e := range s.entries {
		if e.at <= t {
			due = append(due, e.v)
		} else {
			left = append(left, e)
			s.min = min(s.min, e.at)
		}
	}
	clear(s.entries[len(left):]) // or the array would keep them alive
	s.entries = left
	if cap(left) > keep && len(left) < cap(left)/4 {
		s.entries = append([]entry[T](nil), left...)
	}
	return due
}

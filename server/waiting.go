package server

import "time"

// waiting is a line of opening handshakes that all have the same time, so that the first to come is the first whose time is up. What is done in time leaves the line, and
// the wheel holds one entry for all: a connection that is open has left nothing behind. It belongs to its loop's goroutine.
type waiting struct {
	loop        *loop
	time        time.Duration // of each; not positive: for ever
	first, last *opening
	armed       bool // the wheel has an entry
}

// place is where an opening stands in a line.
type place struct {
	in         *waiting // nil: in none
	prev, next *opening
	until      int64 // on the loop's clock
}

// add puts o at the end of the line.
func (w *waiting) add(o *opening) {
	if w.time <= 0 {
		return
	}
	o.place = place{in: w, prev: w.last, until: w.loop.now() + int64(w.time)}
	if w.last == nil {
		w.first = o
	} else {
		w.last.next = o
	}
	w.last = o
	w.arm()
}

// leave takes o out of the line that it is in, if any.
func (o *opening) leave() {
	w := o.in
	if w == nil {
		return
	}
	if o.prev == nil {
		w.first = o.next
	} else {
		o.prev.next = o.next
	}
	if o.next == nil {
		w.last = o.prev
	} else {
		o.next.prev = o.prev
	}
	o.place = place{}
}

func (w *waiting) arm() {
	if w.first != nil && !w.armed {
		w.armed = true
		w.loop.wheel.Add(w.first.until, w)
	}
}

// expired is called by the wheel when the time of one may be up that was the first at some time.
func (w *waiting) expired() {
	w.armed = false
	for now := w.loop.now(); w.first != nil && w.first.until <= now; {
		o := w.first
		o.leave()
		o.late = true
		if o.socket.notify(look) {
			w.loop.batch = append(w.loop.batch, o.socket)
		}
	}
	w.arm()
}

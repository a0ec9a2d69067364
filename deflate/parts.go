package deflate

// parts runs an inflater, which cannot stop in the middle of its input and go on later, on a goroutine, which can. It and the goroutine that calls Decompressor.Read take
// turns: at any moment one waits for the other, so that what they share needs no lock.
type parts struct {
	turn chan struct{} // to the inflating goroutine: go on
	back chan struct{} // from it: there is out, err or hungry
	quit chan struct{} // closed to end it

	in     []byte // its next input
	last   bool   // nothing follows in
	hungry bool   // it waits for in
	given  bool   // in is there

	out []byte // what was inflated and not read yet, in buf
	err error  // what comes behind out
	buf [4 << 10]byte
}

// startParts begins to inflate d's message. The goroutine ends with the message, with an error, or with stop.
func startParts(d *Decompressor) *parts {
	pt := &parts{turn: make(chan struct{}), back: make(chan struct{}), quit: make(chan struct{})}
	d.f.src.more = pt.more
	f := d.f
	go func() {
		for pt.err == nil && pt.wait() {
			n, err := d.read(f, pt.buf[:])
			pt.out, pt.err = pt.buf[:n], err
			pt.report()
		}
	}()
	return pt
}

// wait waits for the goroutine's turn, and reports whether it is to go on.
func (pt *parts) wait() bool {
	select {
	case <-pt.turn:
		return true
	case <-pt.quit:
		return false
	}
}

// report ends the goroutine's turn.
func (pt *parts) report() {
	select {
	case pt.back <- struct{}{}:
	case <-pt.quit:
	}
}

// more is source.more.
func (pt *parts) more() ([]byte, bool, error) {
	pt.hungry = true
	pt.report()
	if !pt.wait() {
		return nil, false, errClosed
	}
	pt.hungry, pt.given = false, false
	return pt.in, pt.last, nil
}

func (pt *parts) write(p []byte, last bool) error {
	if !pt.hungry || pt.given {
		return errBusy
	}
	pt.in, pt.last, pt.given = p, last, true
	return nil
}

func (pt *parts) read(p []byte) (int, error) {
	for {
		switch {
		case len(pt.out) > 0:
			n := copy(p, pt.out)
			pt.out = pt.out[n:]
			return n, nil
		case pt.err != nil:
			return 0, pt.err
		case pt.hungry && !pt.given:
			return 0, ErrInput
		case len(p) == 0:
			return 0, nil
		}
		pt.turn <- struct{}{}
		<-pt.back
	}
}

func (pt *parts) stop() { close(pt.quit) }

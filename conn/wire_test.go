package conn_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/closecode"
	"github.com/laminar-ws/laminar/conn"
	"github.com/laminar-ws/laminar/frame"
)

// wire is the transport of a driven connection, with as much room as a test gives it. It holds the connection to what Driver's documentation promises: one call at a
// time, none after ErrWouldBlock until Writable, none that begins after Close, and one Close.
type wire struct {
	t testing.TB

	mu      sync.Mutex // guards the fields below
	sent    []byte     // what was taken
	writes  []int      // how long each write was
	room    int        // bytes that are still taken; negative: all
	blocked bool       // ErrWouldBlock was returned, and Writable not called since
	busy    bool       // a write is in progress
	half    bool       // CloseWrite was called
	closed  bool

	err   error                  // what writes return, after they have taken what there is room for
	short bool                   // they return nil where that is less than they were given
	taken func(p []byte, n int)  // called when a write has taken n bytes of p, before it returns, without a lock
	plug  func(p []byte) (n int) // decides how many bytes of p are taken, instead of room
	end   func()                 // called by Close
}

func (w *wire) Write(p []byte) (n int, err error) {
	w.mu.Lock()
	switch {
	case w.blocked:
		w.t.Errorf("a write of %d bytes after ErrWouldBlock, without Writable", len(p))
	case w.busy:
		w.t.Error("two writes at once")
	case w.closed:
		w.t.Errorf("a write of %d bytes after Close", len(p))
	}
	w.busy = true
	n = len(p)
	switch {
	case w.plug != nil:
		n = w.plug(p)
	case w.room >= 0:
		n = min(n, w.room)
		w.room -= n
	}
	w.sent = append(w.sent, p[:n]...)
	w.writes = append(w.writes, len(p))
	switch {
	case w.err != nil:
		err = w.err
	case n < len(p) && !w.short:
		w.blocked = true
		err = conn.ErrWouldBlock
	}
	taken := w.taken
	w.mu.Unlock()
	if taken != nil {
		taken(p, n)
	}
	w.mu.Lock()
	w.busy = false
	w.mu.Unlock()
	return n, err
}

func (w *wire) CloseWrite() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.half || w.closed {
		w.t.Errorf("CloseWrite, CloseWrite was called before: %v, Close: %v", w.half, w.closed)
	}
	w.half = true
	return nil
}

func (w *wire) Close() error {
	w.mu.Lock()
	if w.closed {
		w.t.Error("the transport is closed twice")
	}
	w.closed = true
	end := w.end
	w.mu.Unlock()
	if end != nil {
		end()
	}
	return nil
}

func (w *wire) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func (w *wire) isBlocked() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.blocked
}

// allow lets the transport take n more bytes, all with a negative n, without saying so.
func (w *wire) allow(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room = n
	w.blocked = false
}

func (w *wire) bytes() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// wired is a driven connection over a wire, with a peer that makes its input.
type wired struct {
	t    testing.TB
	d    *conn.Driver
	c    *conn.Conn
	w    *wire
	p    *peer
	opts *conn.Options
}

// overWire returns a driven connection whose transport takes room bytes, all with a negative room.
func overWire(t testing.TB, role frame.Role, opts *conn.Options, ev *conn.Events, room int) *wired {
	w := &wire{t: t, room: room}
	d := conn.NewDriver(w, role, ev, opts)
	return &wired{t: t, d: d, c: d.Conn(), w: w, p: &peer{t: t, role: role.Peer()}, opts: opts}
}

// feed feeds the frames in one piece. The connection must go on.
func (x *wired) feed(frames ...[]byte) {
	x.t.Helper()
	if err := x.d.Feed(slices.Concat(frames...)); err != nil {
		x.t.Errorf("Feed: %v", err)
	}
}

// write sends a binary message, which must be taken.
func (x *wired) write(p string) {
	x.t.Helper()
	if err := x.c.Write(t0, frame.Binary, []byte(p)); err != nil {
		x.t.Errorf("Write of %d bytes: %v", len(p), err)
	}
}

// writable gives the transport room for n more bytes, all with a negative n, and says so.
func (x *wired) writable(n int) error {
	x.w.allow(n)
	return x.d.Writable()
}

// flush lets all leave that waits.
func (x *wired) flush() {
	x.t.Helper()
	if err := x.writable(-1); err != nil {
		x.t.Errorf("Writable: %v", err)
	}
	if n := x.c.Buffered(); n != 0 {
		x.t.Errorf("%d bytes wait for a transport that takes all", n)
	}
}

// close ends the connection as an owner does whose transport is closed.
func (x *wired) close() {
	x.t.Helper()
	x.c.Close()
	if !x.d.End(nil) {
		x.t.Error("a driver whose transport is closed does not end")
	}
}

// frames are those that the transport has taken, all of them whole.
func (x *wired) frames() (all []heard) {
	x.t.Helper()
	r := frame.NewReader(bytes.NewReader(x.w.bytes()), frame.Validator{From: x.p.role.Peer(), Rsv1: true})
	for {
		f, err := readFrame(r)
		if err == io.EOF {
			return all
		}
		if err != nil {
			x.t.Errorf("behind %d frames: %v", len(all), err)
			return all
		}
		all = append(all, f)
	}
}

// payloads are those of all frames, in one string.
func (x *wired) payloads() string {
	x.t.Helper()
	var all []string
	for _, f := range x.frames() {
		all = append(all, f.payload)
	}
	return strings.Join(all, " ")
}

// arrived are the messages that a peer reads from what the transport has taken, and why it has read no more.
func (x *wired) arrived() (all []string, err error) {
	opts := conn.Options{MaxMessage: -1}
	if x.opts != nil {
		opts.Compression = x.opts.Compression
	}
	c := conn.New(&script{rest: x.w.bytes(), pieces: rand.New(rand.NewPCG(1, 1))}, x.p.role, &opts)
	defer c.Close()
	for {
		m, err := c.Read(t0)
		if err != nil {
			return all, err
		}
		all = append(all, string(m.Data))
	}
}

// await waits until n messages have arrived, which a goroutine may still be sending.
func (x *wired) await(n int) {
	for until := limitedTime(x.t); until.Err() == nil; runtime.Gosched() {
		if got, _ := x.arrived(); len(got) >= n {
			return
		}
	}
}

// wantArrived checks which messages a peer reads, and that they end with a Close frame of the given code, AbnormalClosure for none.
func (x *wired) wantArrived(code closecode.Code, want ...string) {
	x.t.Helper()
	got, err := x.arrived()
	if !slices.Equal(got, want) {
		x.t.Errorf("messages of %v bytes arrive, %.60q; want %v, %.60q", lengths(got), got, lengths(want), want)
	}
	if e, ok := errors.AsType[*conn.CloseError](err); !ok || e.Code != code {
		x.t.Errorf("behind the messages: %v; want code %v", err, code)
	}
}

func lengths(all []string) (n []int) {
	for _, s := range all {
		n = append(n, len(s))
	}
	return n
}

package bufpool_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/bufpool"
)

// maxContent bounds what a script piles up in one buffer, in bytes; it is beyond the largest class.
const maxContent = 3 << 20

// An owner holds buffers, each filled with one byte that only it writes.
type owner struct {
	held []*bufpool.Buffer
	fill []byte
}

// step does what op says: get, grow, cut, move by append, or release. It checks the content first, and
// returns an error for a byte that is not the owner's.
func (o *owner) step(op byte, size int, fill byte) error {
	i := -1
	if len(o.held) > 0 {
		i = size % len(o.held)
		if b := o.held[i].B; bytes.Count(b, o.fill[i:i+1]) != len(b) {
			return fmt.Errorf("a buffer filled with %#x holds another byte: it has two owners", o.fill[i])
		}
	}
	switch op % 6 {
	case 0, 1:
		if len(o.held) >= 16 {
			return nil
		}
		b := bufpool.Get(size)
		if len(b.B) != 0 || cap(b.B) < size {
			return fmt.Errorf("Get(%d): len %d, cap %d", size, len(b.B), cap(b.B))
		}
		o.held, o.fill = append(o.held, b), append(o.fill, fill)
		o.extend(len(o.held)-1, size)
	case 2:
		if i >= 0 && len(o.held[i].B) < maxContent {
			o.held[i].Grow(size)
			o.extend(i, size)
		}
	case 3:
		if i >= 0 {
			b := o.held[i]
			b.B = b.B[len(b.B)/3:]
		}
	case 4:
		if i >= 0 && len(o.held[i].B) < maxContent {
			b := o.held[i]
			b.B = append(b.B, bytes.Repeat(o.fill[i:i+1], min(size, 3000))...)
		}
	case 5:
		if i >= 0 {
			o.held[i].Release()
			last := len(o.held) - 1
			o.held[i], o.fill[i] = o.held[last], o.fill[last]
			o.held, o.fill = o.held[:last], o.fill[:last]
		}
	}
	return nil
}

// extend appends n bytes of buffer i's own, for which there must be room.
func (o *owner) extend(i, n int) {
	b := o.held[i]
	from := len(b.B)
	b.B = b.B[:from+n]
	copy(b.B[from:], bytes.Repeat(o.fill[i:i+1], n))
}

func (o *owner) releaseAll() {
	for _, b := range o.held {
		b.Release()
	}
}

// TestBuffer_isolation lets many owners take, fill and give back at once, at sizes around each class's edges, with
// garbage collections between: no owner ever reads another's byte.
func TestBuffer_isolation(t *testing.T) {
	const owners, steps = 8, 1000
	around := sizes()
	around = around[:len(around)-13] // up to 64 KiB
	var wg sync.WaitGroup
	for n := range owners {
		wg.Go(func() { // ends with its steps; wg waits for it
			random := rand.New(rand.NewPCG(1, uint64(n)))
			var o owner
			defer o.releaseAll()
			for i := range steps {
				if err := o.step(byte(random.Uint32()), around[random.IntN(len(around))], byte(n+1)); err != nil {
					t.Error(err)
					return
				}
				if i%200 == 0 {
					runtime.GC()
				}
			}
		})
	}
	wg.Wait()
}

// FuzzBuffer runs a script of three bytes per step, and at most 300 steps of it.
func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0, 64, 0, 2, 65, 0, 5, 0, 0})
	f.Add([]byte{0, 0, 0, 1, 255, 255, 4, 200, 200, 3, 1, 0, 2, 9, 9, 5, 1, 1, 0, 255, 255, 5, 0, 0})
	f.Fuzz(func(t *testing.T, script []byte) {
		script = script[:min(len(script), 3*300)]
		var o owner
		defer o.releaseAll()
		for fill := byte(1); len(script) >= 3; script = script[3:] {
			if err := o.step(script[0], int(script[1])|int(script[2])<<8, fill); err != nil {
				t.Fatal(err)
			}
			fill++
		}
	})
}

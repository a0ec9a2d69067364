package zlib

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/laminar-ws/laminar/internal/leaktest"
)

var peerPath = flag.String("peer", "", "peer.py")

func TestMain(m *testing.M) {
	flag.Parse()
	if *peerPath == "" {
		fmt.Println("zlib: skipped; test/zlib/run.sh runs these tests")
		return
	}
	status := leaktest.Main(m)
	fmt.Printf("laminar compresses, zlib inflates: %v\nzlib compresses, laminar inflates: %v\n", &compressed, &inflated)
	os.Exit(status)
}

// compressed and inflated count what was tested in each direction.
var compressed, inflated tally

// tally counts connections and what they carried. It is for any goroutine where it is joined, and for one where it counts messages.
type tally struct {
	mu          sync.Mutex // guards the fields below
	connections int
	messages    int
	bytes       int64
	markers     [markerUnseen]int // by the bit at which they begin
}

// message counts a message, with the marker that the peer has found.
func (n *tally) message(m []byte, marker int) {
	n.messages++
	n.bytes += int64(len(m))
	if marker < markerUnseen {
		n.markers[marker]++
	}
}

// join adds what other has counted.
func (n *tally) join(other *tally) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.connections += other.connections
	n.messages += other.messages
	n.bytes += other.bytes
	for bit, seen := range other.markers {
		n.markers[bit] += seen
	}
}

func (n *tally) String() string {
	return fmt.Sprintf("%d connections, %d messages, %d MB; sync markers that begin at bits 0 to 7: %v", n.connections, n.messages, n.bytes/1e6, n.markers)
}

// wantAllMarkers checks that markers began at every bit.
func wantAllMarkers(t *testing.T, n *tally) {
	t.Helper()
	for bit, seen := range n.markers {
		if seen == 0 {
			t.Errorf("no sync marker began at bit %d of its byte: %v", bit, n.markers)
		}
	}
}

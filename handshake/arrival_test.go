package handshake_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/laminar-ws/laminar/handshake"
)

// arrivals returns ways for n bytes to arrive, each as what is there after every piece: all at
// once, byte by byte, and in 64 random ways.
func arrivals(n int) [][]int {
	single := make([]int, n)
	for i := range single {
		single[i] = i + 1
	}
	ways := [][]int{{n}, single}
	rnd := rand.New(rand.NewPCG(1, uint64(n)))
	for range 64 {
		var way []int
		for have := 0; have < n; {
			have = min(n, have+1+rnd.IntN(1+n/4))
			way = append(way, have)
		}
		ways = append(ways, way)
	}
	return ways
}

// arrive gives parse what is there after each piece until it wants no more, and fails the test
// where it does not behave as if everything had come at once.
func arrive[T any](t *testing.T, b []byte, parse func(s *handshake.HeadScanner, b []byte) (T, int, error)) (T, int, error) {
	t.Helper()
	want, wantN, wantErr := parse(new(handshake.HeadScanner), b)
	for _, way := range arrivals(len(b)) {
		var s handshake.HeadScanner
		var got T
		var n int
		err := io.ErrUnexpectedEOF
		for _, have := range way {
			piece := slices.Clone(b[:have])
			got, n, err = parse(&s, piece)
			for i := range piece {
				piece[i] = 'X' // whatever was kept of it shows
			}
			if err != io.ErrUnexpectedEOF {
				break
			}
			if n != 0 {
				t.Fatalf("%d bytes: got n = %d with ErrUnexpectedEOF; want 0", have, n)
			}
		}
		if n != wantN || !sameError(err, wantErr) {
			t.Fatalf("in pieces %v: got n = %d, error %v; want %d, %v", way, n, err, wantN, wantErr)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(http.NoBody), cmpopts.IgnoreUnexported(http.Response{})); diff != "" {
			t.Fatalf("in pieces %v (-whole +pieces):\n%s", way, diff)
		}
	}
	return want, wantN, wantErr
}

func sameError(a, b error) bool {
	x, okX := a.(*handshake.RejectError)
	y, okY := b.(*handshake.RejectError)
	if okX && okY {
		return cmp.Equal(x, y)
	}
	return a == b
}

func arriveRequest(t *testing.T, b []byte) (handshake.Offer, int, error) {
	t.Helper()
	return arrive(t, b, (*handshake.HeadScanner).ParseRequest)
}

func arriveResponse(t *testing.T, b []byte) (*http.Response, int, error) {
	t.Helper()
	return arrive(t, b, (*handshake.HeadScanner).ParseResponse)
}

package wire

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

func TestExchange_documentsOfEverySize(t *testing.T) {
	e := newExchange(rand.New(rand.NewPCG(1, 2)))
	seen := map[string]bool{}
	for size := minJSON; size < 1200; size++ {
		doc := e.next(size)
		if len(doc) != size {
			t.Fatalf("a document of %d bytes; want %d: %s", len(doc), size, doc)
		}
		var got struct {
			Seq    int
			Trades []struct {
				ID, Symbol, Side string
				Price            float64
				Quantity         int
				Time             time.Time
			}
			Trace string
		}
		if err := json.Unmarshal(doc, &got); err != nil {
			t.Fatalf("%v: %s", err, doc)
		}
		if got.Seq == 0 || len(got.Trades) != bytes.Count(doc, []byte("symbol")) {
			t.Errorf("size %d: %+v", size, got)
		}
		for _, trade := range got.Trades {
			if trade.ID == "" || trade.Symbol == "" || trade.Side == "" || trade.Price <= 0 || trade.Quantity <= 0 || trade.Time.Year() != 2026 {
				t.Errorf("a trade with something left out: %+v", trade)
			}
			if seen[trade.ID] {
				t.Errorf("trade %s twice", trade.ID)
			}
			seen[trade.ID] = true
		}
		if most := 130; size >= 1000 && (len(got.Trace) > most || len(got.Trades) < size/most) {
			t.Errorf("size %d: %d trades and %d bytes of filling", size, len(got.Trades), len(got.Trace))
		}
	}
}

func TestExchange_sameInEveryRun(t *testing.T) {
	a, b := newExchange(rand.New(rand.NewPCG(1, 2))), newExchange(rand.New(rand.NewPCG(1, 2)))
	for range 20 {
		if x, y := a.next(500), b.next(500); !bytes.Equal(x, y) {
			t.Fatalf("two exchanges of one seed differ:\n%s\n%s", x, y)
		}
	}
}

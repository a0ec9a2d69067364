package wire

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"
)

// minJSON is the shortest document of an exchange in bytes: its number and an empty list of trades, and room for the former to grow.
const minJSON = 64

// exchange makes up the messages of a stock exchange: JSON documents that have their keys, their symbols and the front of
// every number in common, as the messages of one connection do. Each is another, and all are the same in every run.
type exchange struct {
	rng    *rand.Rand
	seq    int
	now    time.Time
	prices []int // cents, of each of symbols
}

var symbols = []string{"ACME", "BORA", "CALX", "DUNE", "ELMO", "FJRD", "GUST", "HALO", "IRIS", "JUNO", "KELP", "LMNR"}

func newExchange(rng *rand.Rand) *exchange {
	e := &exchange{rng: rng, seq: 1_000_000, now: time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)}
	for range symbols {
		e.prices = append(e.prices, 1_000+rng.IntN(90_000))
	}
	return e
}

// next returns a document of size bytes, minJSON or more: as many trades as there is room for, and what is left as the digits of
// a trace id.
//
//	{"seq":1000001,"trades":[{"id":"5f0c..","symbol":"ACME",..},..],"trace":"90ab.."}
func (e *exchange) next(size int) []byte {
	const middle, end = `],"trace":"`, `"}`
	e.seq++
	doc := strconv.AppendInt(append(make([]byte, 0, size), `{"seq":`...), int64(e.seq), 10)
	doc = append(doc, `,"trades":[`...)
	for comma := false; ; comma = true {
		trade := e.trade(comma)
		if len(doc)+len(trade)+len(middle)+len(end) > size {
			break
		}
		doc = append(doc, trade...)
	}
	doc = append(doc, middle...)
	for len(doc) < size-len(end) {
		doc = append(doc, "0123456789abcdef"[e.rng.IntN(16)])
	}
	return append(doc, end...)
}

// trade returns the next element of a list of trades, behind a comma if that is set.
func (e *exchange) trade(comma bool) (t []byte) {
	i := e.rng.IntN(len(symbols))
	e.prices[i] = max(e.prices[i]+e.rng.IntN(21)-10, 100)
	e.now = e.now.Add(time.Duration(e.rng.IntN(40)) * time.Millisecond)
	var id [6]byte
	for j := range id {
		id[j] = byte(e.rng.Uint32())
	}
	if comma {
		t = append(t, ',')
	}
	t = hex.AppendEncode(append(t, `{"id":"`...), id[:])
	t = append(append(t, `","symbol":"`...), symbols[i]...)
	t = append(append(t, `","side":"`...), [2]string{"buy", "sell"}[e.rng.IntN(2)]...)
	t = strconv.AppendFloat(append(t, `","price":`...), float64(e.prices[i])/100, 'f', 2, 64)
	t = strconv.AppendInt(append(t, `,"quantity":`...), int64(10*(1+e.rng.IntN(50))), 10)
	t = e.now.AppendFormat(append(t, `,"time":"`...), "2006-01-02T15:04:05.000Z")
	return append(t, `"}`...)
}

// Documents returns n documents of size bytes, minJSON or more, the same in every run.
func Documents(size, n int) (docs [][]byte) {
	e := newExchange(rand.New(rand.NewPCG(6455, 7692)))
	for range n {
		docs = append(docs, e.next(size))
	}
	return docs
}

package conn_test

import (
	"fmt"
	"testing"

	"github.com/laminar-ws/laminar/frame"
)

// BenchmarkServe_compressed sends a message of JSON and its echo, which OnMessage writes, over TCP. Both ends of the connection are in the figure.
func BenchmarkServe_compressed(b *testing.B) {
	var all [][]byte
	for i := range 200 {
		doc := fmt.Appendf(nil, `{"seq":%d,"trades":[`, i)
		for j := 0; len(doc) < 1000; j++ {
			doc = fmt.Appendf(doc, `{"id":"%08x","symbol":"%s","price":%d.%02d},`, uint32(i*100+j)*2654435761, []string{"ACME", "BORA", "CALX"}[(i+j)%3], i*j%977, j*i%89)
		}
		all = append(all, doc[:1000])
	}
	for _, z := range append(compressions, compression{name: "off"}) {
		b.Run(z.name, func(b *testing.B) {
			client, server := tcpLink.pair(b, z.options())
			served := inBackground(func() error { return server.Serve(t0, echoEvents) })
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				must(b, client.Write(t0, frame.Text, all[n%len(all)]))
				_, err := client.Read(t0)
				must(b, err)
				n++
			}
			client.Close()
			served()
		})
	}
}

package interop

import (
	"fmt"
	"path/filepath"
	"testing"
)

// TestDeflateClientOptions has laminar, as a client, ask the peers for what its own options say. Peers choose their windows as their
// libraries do; of python3-websockets that is one of 2^12 bytes.
func TestDeflateClientOptions(t *testing.T) {
	for _, c := range []struct {
		options string // fields of deflate.Options
		pmd     string
		agreed  map[string]string // by peer; none: it is not asked
	}{
		{`{"SendWindowBits": 10}`, "", map[string]string{
			"ws":         "client_max_window_bits=10",
			"websockets": windows(12, 10),
		}},
		{`{"ReceiveWindowBits": 10}`, "", map[string]string{
			"ws":         "server_max_window_bits=10",
			"websockets": windows(10, 12),
		}},
		{`{"ReceiveWindowBits": 10}`, `{"serverMaxWindowBits": false}`, map[string]string{
			"ws": serverForgets, // the second offer
		}},
		{`{"SendWindowBits": 8, "ReceiveWindowBits": 9}`, "", map[string]string{
			"ws":         windows(9, 8),
			"websockets": windows(9, 8),
		}},
		{`{"ReceiveOnly": true}`, "", map[string]string{
			"ws":         clientForgets,
			"websockets": clientForgets + ";" + windows(12, 12),
		}},
		{`{"SendOnly": true}`, "", map[string]string{
			"ws":         serverForgets,
			"websockets": serverForgets + ";" + windows(12, 12),
		}},
		{`{"Dedicated": true, "Level": 9}`, "", map[string]string{
			"ws":         "",
			"websockets": windows(12, 12),
		}},
	} {
		for _, p := range peers {
			agreed, asked := c.agreed[p.name]
			if !asked {
				continue
			}
			check(t, fmt.Sprintf("peer=%s/%s%s", p.name, c.options, c.pmd), func(t *testing.T) {
				l := laminar{client: []string{filepath.Join(*raced, "echoclient"), "-compression", "takeover", "-options", c.options}}
				m, err := writeDistances(10)
				if err != nil {
					t.Fatal(err)
				}
				wantAgreed(t, l.meet(t, p, "server", c.pmd)(t, m.plan()), agreed)
			})
		}
	}
}

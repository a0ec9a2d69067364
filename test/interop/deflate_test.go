package interop

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

// TestDeflate exchanges 1,000 messages of 0 B to 1 MiB with each peer in each role, on a connection for each option of its library's.
func TestDeflate(t *testing.T) {
	programs := map[bool][]laminar{true: startLaminars(t, *raced), false: startLaminars(t, *plain)}
	for _, p := range peers {
		for _, o := range p.options {
			for _, l := range programs[o.thorough] {
				for _, role := range []string{"client", "server"} {
					if o.role != "" && o.role != role || l.compression == "message" && !o.message {
						continue
					}
					t.Run(fmt.Sprintf("peer=%s/%s/compression=%s/%s", p.name, role, l.compression, o.name), func(t *testing.T) {
						t.Parallel()
						exchange := l.meet(t, p, role, o.pmd)
						check(t, "mix", func(t *testing.T) {
							source := shortMix
							if o.thorough && l.compression == "takeover" {
								source = longMix
							}
							exchangeMix(t, l.agreed(o), source, exchange)
						})
						check(t, "repeats", func(t *testing.T) { exchangeRepeats(t, role, exchange) })
					})
				}
			}
		}
	}
}

// A laminar is laminar with a -compression, in either role.
type laminar struct {
	compression string
	server      echo
	client      []string // the echoclient, with flags
}

// startLaminars returns one for each compression, from a directory's programs. Each server has all the connections, with all
// their windows.
func startLaminars(t *testing.T, dir string) (all []laminar) {
	t.Helper()
	for compression, mode := range map[string]string{"takeover": "events", "message": "read"} {
		all = append(all, laminar{
			compression: compression,
			server:      startEcho(t, dir, "-compression", compression, "-mode", mode),
			client:      []string{filepath.Join(dir, "echoclient"), "-compression", compression},
		})
	}
	return all
}

// agreed returns the parameters that l and a peer agree on.
func (l laminar) agreed(o option) string {
	if l.compression == "message" {
		return o.agreed + "; client_no_context_takeover; server_no_context_takeover"
	}
	return o.agreed
}

// meet starts p in a role, with these options of its library's. What it returns has p carry out a plan with l in the other role, and
// checks that p's messages came back and that it closed with 1000.
func (l laminar) meet(t *testing.T, p peer, role, pmd string) func(*testing.T, plan) event {
	t.Helper()
	echoed := func(t *testing.T, p *process) event {
		t.Helper()
		e, echoed := p.closed(t)
		if !echoed || e.Code != 1000 {
			t.Fatalf("got echoed %v, %+v; want an echo and 1000", echoed, e)
		}
		return e
	}
	if role == "client" {
		client := p.startClient(t, pmd)
		return func(t *testing.T, pl plan) event {
			t.Helper()
			pl.URL = l.server.url
			client.begin(t, pl)
			return echoed(t, client)
		}
	}
	server, url := p.startServer(t, pmd)
	return func(t *testing.T, pl plan) event {
		t.Helper()
		client := start(t, l.client[0], slices.Concat(l.client[1:], []string{url(pl)})...)
		e := echoed(t, server)
		wantExit(t, client, 0)
		return e
	}
}

// exchangeMix has a peer exchange a mix, and checks what was agreed and whether laminar compresses.
func exchangeMix(t *testing.T, agreed string, source func() (mix, error), exchange func(*testing.T, plan) event) {
	t.Helper()
	m, err := source()
	if err != nil {
		t.Fatal(err)
	}
	e := exchange(t, m.plan())
	wantAgreed(t, e, agreed)
	if e.Received > m.bytes/4*3 {
		t.Errorf("%d bytes received for messages of %d; want 3/4 of that at most", e.Received, m.bytes)
	}
}

// exchangeRepeats does so with messages that show whether laminar keeps its window from one to the next.
func exchangeRepeats(t *testing.T, role string, exchange func(*testing.T, plan) event) {
	t.Helper()
	m, err := repeats()
	if err != nil {
		t.Fatal(err)
	}
	e := exchange(t, m.plan())
	context, bits := direction(e.Extensions, role)
	if context && bits >= 12 {
		if e.Received > m.bytes/5 {
			t.Errorf("%d bytes received for messages of %d, with %q; want 1/5 of that at most", e.Received, m.bytes, e.Extensions)
		}
	} else if !context || bits <= 10 {
		if e.Received < m.bytes {
			t.Errorf("%d bytes received for messages of %d, with %q; want that or more", e.Received, m.bytes, e.Extensions)
		}
	}
}

//go:build linux

package generator

import (
	"net/netip"
	"testing"
	"time"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func TestConfig_defaults(t *testing.T) {
	in := Config{Addr: netip.MustParseAddrPort("127.0.0.1:1"), Conns: 3, Measure: time.Second}
	got, err := in.check()
	if err != nil {
		t.Fatal(err)
	}
	if got.Patience != DefaultPatience || got.Loops != DefaultLoops {
		t.Errorf("Patience %v, Loops %d; want %v, %d", got.Patience, got.Loops, DefaultPatience, DefaultLoops)
	}
	in.Loops = 8
	if got, err = in.check(); err != nil || got.Loops != 3 {
		t.Errorf("Loops %d, error %v; want no more loops than connections, 3", got.Loops, err)
	}
}

func TestConfig_refused(t *testing.T) {
	good := Config{Addr: netip.MustParseAddrPort("127.0.0.1:1"), Conns: 1, Measure: time.Second}
	for name, spoil := range map[string]func(*Config){
		"no address":        func(c *Config) { c.Addr = netip.AddrPort{} },
		"no connections":    func(c *Config) { c.Conns = 0 },
		"no time":           func(c *Config) { c.Measure = 0 },
		"plain but masked":  func(c *Config) { c.Plain = true },
		"unmasked to a WS":  func(c *Config) { c.Shape = wire.Shape{Unmasked: true} },
		"plain, compressed": func(c *Config) { c.Plain, c.Shape = true, wire.Shape{Unmasked: true, Compression: wire.NoTakeover} },
	} {
		c := good
		spoil(&c)
		if _, err := c.check(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := good.check(); err != nil {
		t.Errorf("a good Config: %v", err)
	}
}

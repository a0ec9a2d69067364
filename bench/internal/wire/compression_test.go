package wire

import "testing"

func TestCompression_text(t *testing.T) {
	for name, want := range map[string]Compression{"off": Uncompressed, "message": NoTakeover, "takeover": Takeover} {
		var got Compression
		if err := got.UnmarshalText([]byte(name)); err != nil || got != want {
			t.Errorf("UnmarshalText(%q) = %d, error %v; want %d", name, got, err, want)
		}
		if back, err := want.MarshalText(); err != nil || string(back) != name {
			t.Errorf("MarshalText of %d = %q, %v; want %q", want, back, err, name)
		}
	}
	c := Takeover
	for _, name := range []string{"", "on", "Off"} {
		if err := c.UnmarshalText([]byte(name)); err == nil || c != Takeover {
			t.Errorf("UnmarshalText(%q) = %v, error %v; want an error and no change", name, c, err)
		}
	}
}

//go:build linux

package opening

import (
	"testing"

	"github.com/laminar-ws/laminar/bench/internal/wire"
)

func TestAgree(t *testing.T) {
	const pmd, noTakeover = "permessage-deflate", "permessage-deflate; server_no_context_takeover"
	tests := []struct {
		mode   wire.Compression
		answer string
		want   Agreement
		rfc    string // of the mistake; "" for none
	}{
		{wire.Uncompressed, "", Agreement{}, ""},
		{wire.Uncompressed, pmd, Agreement{}, "6455 4.1"},
		{wire.NoTakeover, noTakeover, Agreement{15, 15}, ""},
		{wire.NoTakeover, noTakeover + "; client_no_context_takeover", Agreement{15, 15}, ""},
		{wire.NoTakeover, noTakeover + "; server_max_window_bits=10", Agreement{15, 10}, ""},
		{wire.NoTakeover, "", Agreement{}, "7692 5.1"},
		{wire.NoTakeover, pmd, Agreement{}, "7692 7.1.1.1"},
		{wire.NoTakeover, pmd + "; client_no_context_takeover", Agreement{}, "7692 7.1.1.1"},
		{wire.NoTakeover, noTakeover + "=1", Agreement{}, "7692 7.1.1.1"},
		{wire.NoTakeover, noTakeover + "; client_max_window_bits=12", Agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd, Agreement{15, 15}, ""},
		{wire.Takeover, pmd + ";client_max_window_bits=12 ; server_max_window_bits=9", Agreement{12, 9}, ""},
		{wire.Takeover, pmd + `; server_max_window_bits="8"`, Agreement{15, 8}, ""},
		{wire.Takeover, "", Agreement{}, "7692 5.1"},
		{wire.Takeover, noTakeover, Agreement{}, "7692 7.1.1.1"},
		{wire.Takeover, pmd + "; client_no_context_takeover", Agreement{}, "7692 7.1.1.2"},
		{wire.Takeover, pmd + "; client_max_window_bits", Agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd + "; client_max_window_bits=7", Agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd + "; client_max_window_bits=16", Agreement{}, "7692 7.1.2.2"},
		{wire.Takeover, pmd + "; server_max_window_bits=08", Agreement{}, "7692 7.1.2.1"},
		{wire.Takeover, pmd + "; server_max_window_bits=9; server_max_window_bits=9", Agreement{}, "7692 7.1"},
		{wire.Takeover, pmd + "; mystery", Agreement{}, "7692 7.1"},
		{wire.Takeover, pmd + ";", Agreement{}, "6455 9.1"},
		{wire.Takeover, pmd + ", " + pmd, Agreement{}, "7692 5.1"},
		{wire.Takeover, "x-webkit-deflate-frame", Agreement{}, "6455 9.1"},
	}
	for _, tt := range tests {
		got, err := agree(tt.mode, tt.answer)
		if tt.rfc == "" && (err != nil || got != tt.want) {
			t.Errorf("%v: agree(%q) = %v, %v; want %v, nil", tt.mode, tt.answer, got, err, tt.want)
		} else if tt.rfc != "" && err == nil {
			t.Errorf("%v: agree(%q) = %v; want an error (RFC %s)", tt.mode, tt.answer, got, tt.rfc)
		}
	}
}
